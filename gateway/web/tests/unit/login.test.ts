// Coming in: with a company's account, whose session no script sees, and by an invitation.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../../src/i18n/i18n.svelte';
import { Api, COOKIE } from '../../src/lib/api';
import SignIn from '../../src/routes/SignIn.svelte';
import { session } from '../../src/state/session.svelte';

const asked: { path: string; request: RequestInit }[] = [];
let answers: Record<string, unknown>;

beforeEach(() => {
  i18n.choose('ko');
  asked.length = 0;
  answers = { '/v1/login': { company: true } };
  vi.stubGlobal('fetch', async (path: string, request: RequestInit) => {
    asked.push({ path, request });
    const answer = answers[path.replace(/^.*\/v1/, '/v1')];
    return Response.json(answer ?? { error: { code: 'not_found', message: 'x', next_step: 'y' } }, {
      status: answer ? 200 : 404,
    });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  session.invitation = null;
});

it('offers the company’s login where there is one, and nothing where there is none', async () => {
  render(SignIn);
  const link = await screen.findByRole<HTMLAnchorElement>('link', { name: '로그인 (회사 계정)' });
  expect(new URL(link.href).pathname).toBe('/v1/login/company');
  cleanup();
  answers['/v1/login'] = { company: false };
  render(SignIn);
  await vi.waitFor(() => expect(asked.length).toBe(2));
  expect(screen.queryByRole('link', { name: '로그인 (회사 계정)' })).toBeNull();
});

it('sends a token where there is one, and leaves a session to the browser', async () => {
  answers['/v1/whoami'] = {};
  await new Api('ty_x', () => {}).get('/v1/whoami');
  await new Api(COOKIE, () => {}).get('/v1/whoami');
  const sent = asked.map(({ request }) => (request.headers as Record<string, string>)['authorization']);
  expect(sent).toEqual(['Bearer ty_x', undefined]);
});

it('leaves the provider too where it says where, and stays here where it does not', async () => {
  const gone = vi.spyOn(location, 'assign').mockImplementation(() => {});
  for (const provider of [null, 'https://id.example/out?client_id=trainyard']) {
    answers['/v1/logout'] = { revoked: true, token_id: 't', sequence: 7, provider };
    session.token = COOKIE;
    session.api = new Api(COOKIE, () => {});
    await session.leave();
    expect(session.token).toBe('');
    expect(gone.mock.calls).toEqual(provider ? [[provider]] : []);
  }
  gone.mockRestore();
});

it('makes an invitation into a token that is shown once, and says why one does not hold', async () => {
  session.invitation = 'acme.code';
  render(SignIn);
  await fireEvent.click(await screen.findByRole('button', { name: '초대 수락' }));
  expect(await screen.findByText('x')).toBeTruthy();
  answers['/v1/invitations/accept'] = { token: 'ty_mine', token_id: 'i', sequence: 7 };
  await fireEvent.click(screen.getByRole('button', { name: '초대 수락' }));
  expect(await screen.findByText('ty_mine')).toBeTruthy();
  expect(asked.at(-1)!.request.body).toBe('{"code":"acme.code"}');
  expect(screen.queryByRole('button', { name: '초대 수락' }), 'it is used up').toBeNull();
});
