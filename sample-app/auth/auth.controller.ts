import { Body, Controller, HttpCode, Post, Res, UnauthorizedException } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { IsString } from 'class-validator';
import { Accounts } from './accounts.js';
import { TOKEN_COOKIE } from './jwt-auth.guard.js';

class LoginDto {
  @IsString()
  username: string;

  @IsString()
  password: string;
}

@Controller('auth')
export class AuthController {
  constructor(
    private readonly accounts: Accounts,
    private readonly jwt: JwtService,
  ) {}

  /** For programs the token, for browsers a cookie that no script and no other site's form can use. */
  @Post('login')
  @HttpCode(200)
  async login(
    @Body() { username, password }: LoginDto,
    @Res({ passthrough: true }) response: { header(name: string, value: string): unknown },
  ): Promise<{ accessToken: string }> {
    const account = await this.accounts.find(username, password);
    if (!account) throw new UnauthorizedException('Wrong name or password.');
    const accessToken = await this.jwt.signAsync(account);
    response.header(
      'Set-Cookie',
      `${TOKEN_COOKIE}=${accessToken}; Path=/; HttpOnly; SameSite=Strict`,
    );
    return { accessToken };
  }
}
