import { ACCOUNTS } from './auth/accounts.js';

/** What a newcomer needs to try the app: where it is, who may log in, three lines to paste. */
export function welcome(url: string): string {
  const accounts = ACCOUNTS.map(
    ({ username }) => `  ${username.padEnd(6)} ${username}-password`,
  ).join('\n');
  return `
The dossier archive is open at ${url}

Accounts:
${accounts}

Try it: log in, file a note, fetch it again.

TOKEN=$(curl -s ${url}/auth/login -H 'Content-Type: application/json' -d '{"username":"alice","password":"alice-password"}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
FILE=$(echo 'Only for alice and staff.' | curl -s ${url}/dossiers -H "Authorization: Bearer $TOKEN" -F title=Note -F 'file=@-;filename=note.txt' | sed 's/.*"url":"\\([^"]*\\)".*/\\1/')
curl -i "${url}$FILE" -H "Authorization: Bearer $TOKEN"
`;
}
