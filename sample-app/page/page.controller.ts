import { Controller, Get, Header } from '@nestjs/common';
import { ACCOUNTS } from '../auth/accounts.js';
import { PAGE } from './page.js';

/** `GET /`: log in, file a dossier, fetch it again, in a browser. */
@Controller()
export class PageController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  page(): string {
    const options = ACCOUNTS.map(({ username }) => `<option>${username}</option>`).join('');
    return PAGE.replace('<!-- accounts -->', options);
  }
}
