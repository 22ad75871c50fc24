import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { z } from 'zod';
import { pullgate, startScript } from '../support/pullgate-process.js';
import { temporaryFolder, type TemporaryFolder } from '../support/run.js';
import { askByGet, decodeClaims, type Answer, type Login } from '../support/token-client.js';

const SERVE_AT = fileURLToPath(new URL('../support/serve-at.js', import.meta.url));
const PROJECT = 'tanuki/awesome_project';
const ZONES = ['Pacific/Auckland', 'America/Los_Angeles'] as const;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Soon enough for the certificates that are made today. */
const EXPIRY_DATE = new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10);
const MIDNIGHT = Date.parse(`${EXPIRY_DATE}T00:00:00.000Z`);

const ShownToken = z.object({
  id: z.int(),
  username: z.string(),
  token: z.string().optional(),
  expires_at: z.string(),
  status: z.string().optional(),
});
type ShownToken = z.infer<typeof ShownToken>;
const ServingLine = z.object({ port: z.int(), timeZone: z.string() });

for (const zone of ZONES) {
  describe(`the expiry date of a deploy token, in the time zone ${zone}`, () => {
    let folder: TemporaryFolder;
    let created: ShownToken;
    let login: Login;

    before(async () => {
      folder = await temporaryFolder('pullgate-expiry');
      await run('migrate');
      await run('project', 'create', PROJECT);
      const flags = ['--name', 'ci', '--scopes', 'read_registry', '--expires-at', EXPIRY_DATE];
      created = await shown('deploy-token', 'create', PROJECT, ...flags);
      login = { username: created.username, secret: created.token ?? '' };
    });

    after(async () => {
      await folder.remove();
    });

    async function run(...args: string[]): Promise<string> {
      const options = { env: { TZ: zone }, cwd: folder.path };
      const { code, stdout, output } = await pullgate(args, options);
      expect(code, output).to.equal(0);
      return stdout;
    }

    async function shown(...args: string[]): Promise<ShownToken> {
      return ShownToken.parse(JSON.parse(await run(...args, '--json')));
    }

    /** What the token endpoint answers when its clock shows this. */
    async function askAt(instant: number): Promise<Answer> {
      const env = { TZ: zone, PULLGATE_HTTP_LISTEN: '127.0.0.1:0' };
      const args = [new Date(instant).toISOString()];
      const server = startScript(SERVE_AT, args, { env, cwd: folder.path });
      try {
        const line = await server.line((text) => text.startsWith('{'));
        const { port, timeZone } = ServingLine.parse(JSON.parse(line));
        expect(timeZone).to.equal(zone);
        const scopes = [`repository:${PROJECT}:pull`];
        return await askByGet(`http://127.0.0.1:${port}`, { login, scopes });
      } finally {
        await server.stop();
      }
    }

    it('is the one that was given, however it is shown', async () => {
      const found = await shown('deploy-token', 'show', String(created.id));
      const listed = await run('deploy-token', 'list', PROJECT);

      expect(created.expires_at).to.equal(EXPIRY_DATE);
      expect(found).to.deep.include({ expires_at: EXPIRY_DATE, status: 'active' });
      expect(listed).to.contain(EXPIRY_DATE);
    });

    it('lets the token in one second before midnight UTC, for that second', async () => {
      const answer = await askAt(MIDNIGHT - 1000);

      expect(answer.status).to.equal(200);
      const { exp } = decodeClaims(TokenAnswer.parse(answer.body).token);
      expect(exp).to.equal(MIDNIGHT / 1000);
    });

    it('refuses the token from midnight UTC on', async () => {
      const statuses = [
        (await askAt(MIDNIGHT)).status,
        (await askAt(MIDNIGHT + DAY_MS / 2)).status,
      ];

      expect(statuses).to.deep.equal([401, 401]);
    });

    it('ends the JWT of a token that has 90 seconds left', async () => {
      const answer = await askAt(MIDNIGHT - 90_000);

      const { token, expires_in: expiresIn } = TokenAnswer.parse(answer.body);
      expect(decodeClaims(token).exp).to.be.at.most(MIDNIGHT / 1000);
      expect(expiresIn).to.equal(90);
    });
  });
}

const TokenAnswer = z.object({ token: z.string(), expires_in: z.int() });
