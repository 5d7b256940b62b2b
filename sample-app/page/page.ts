/** The whole page: whatever the server says is put in as text, never as HTML. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Dossier archive</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c; }
  form { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
  input, select, button { font: inherit; padding: .3rem .6rem; }
  table { width: 100%; border-collapse: collapse; }
  th, td { text-align: left; padding: .4rem .5rem .4rem 0; border-bottom: 1px solid #ddd; }
  output { color: #a00; }
  [hidden] { display: none !important; }
</style>
<h1>Dossier archive</h1>
<form id="login">
  <select name="username"><!-- accounts --></select>
  <button>Log in</button>
</form>
<form id="upload" hidden>
  <input name="title" placeholder="Title" required>
  <input name="customer" placeholder="Customer">
  <input name="file" type="file" required>
  <button>File it</button>
</form>
<output id="problem"></output>
<table hidden>
  <thead><tr><th>Title<th>Customer<th>File<th>Type<th>Bytes<th></thead>
  <tbody></tbody>
</table>
<script>
  const get = (selector) => document.querySelector(selector);

  async function call(path, init) {
    get('#problem').textContent = '';
    const response = await fetch(path, init);
    if (response.ok) return response.status === 204 ? undefined : response.json();
    const { message } = await response.json();
    throw new Error(message);
  }

  const orSay = (action) => (event) => {
    event.preventDefault();
    return action(event).catch(({ message }) => (get('#problem').textContent = message));
  };

  async function list() {
    const dossiers = await call('/dossiers');
    get('#upload').hidden = get('table').hidden = false;
    get('tbody').replaceChildren(...dossiers.map(row));
  }

  function row({ id, title, customer, file }) {
    const tr = document.createElement('tr');
    const link = Object.assign(document.createElement('a'), { href: file?.url, textContent: file?.name });
    const remove = Object.assign(document.createElement('button'), { textContent: 'Delete' });
    remove.onclick = orSay(() => call('/dossiers/' + id, { method: 'DELETE' }).then(list));
    for (const content of [title, customer, link, file?.contentType ?? '', file?.size ?? '', remove]) {
      tr.insertCell().append(content);
    }
    return tr;
  }

  get('#login').onsubmit = orSay(async (event) => {
    const { username } = Object.fromEntries(new FormData(event.target));
    const body = JSON.stringify({ username, password: username + '-password' });
    await call('/auth/login', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    await list();
  });

  get('#upload').onsubmit = orSay(async (event) => {
    await call('/dossiers', { method: 'POST', body: new FormData(event.target) });
    event.target.reset();
    await list();
  });
</script>
`;
