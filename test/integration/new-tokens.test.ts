import { expect } from 'chai';
import { newCommandLine, type CommandLine } from '../support/command-line.js';

const NOON = new Date('2030-06-15T12:00:00Z');
const CREATE = 'deploy-token create tanuki/app --name ci --scopes read_registry';

describe('commands that make a token', () => {
  let cli: CommandLine;

  before(async () => {
    cli = await newCommandLine({
      PULLGATE_REGISTRY_HOST: 'registry.example.com',
      PULLGATE_HTTP_PUBLIC_URL: 'https://pullgate.example.com',
    });
    await cli.done('project create tanuki/app');
    await cli.done('user create ada');
  });

  after(async () => {
    await cli.remove();
  });

  for (const [given, day] of [
    ['1d', '2030-06-16'],
    ['90d', '2030-09-13'],
    ['12w', '2030-09-07'],
  ] as const) {
    it(`end a token in ${given}, at 00:00 UTC of that day`, async () => {
      const now = { now: () => NOON };
      const ofProject = await cli.done(`${CREATE} --expires-in ${given} --json`, now);
      const ofAda = await cli.done(
        `access-token create ada --name x --scopes api --expires-in ${given} --json`,
        now,
      );

      expect(expiryIn(ofProject)).to.equal(day);
      expect(expiryIn(ofAda)).to.equal(day);
    });
  }

  for (const given of ['90', '0d', '-1d', '1.5d', '90 days', '3661d', '600w', '1m', 'd', '']) {
    it(`take no ${JSON.stringify(given)} for a time`, async () => {
      const { code, stderr } = await cli.run([...CREATE.split(' '), '--expires-in', given]);

      expect(code).to.equal(2);
      expect(stderr).to.include('Give days or weeks, such as 90d or 12w');
    });
  }

  it('take a date or a time, not both', async () => {
    const { code, stderr } = await cli.run(`${CREATE} --expires-at 2031-01-01 --expires-in 90d`);

    expect(code).to.equal(2);
    expect(stderr).to.include("'--expires-in <time>' cannot be used with");
  });

  it('name the option that was meant', async () => {
    const { code, stderr } = await cli.run(CREATE.replace('--scopes', '--scope'));

    expect(code).to.equal(2);
    expect(stderr).to.include('Did you mean --scopes?');
  });

  it('refuse the username of a token of somebody else', async () => {
    await cli.done('project create tanuki/other');
    await cli.done(`${CREATE} --username gitlab+deploy-token-1`);

    const { code, stderr } = await cli.run(
      `${CREATE.replace('tanuki/app', 'tanuki/other')} --username gitlab+deploy-token-1`,
    );

    expect(code).to.equal(1);
    expect(stderr).to.include('gitlab+deploy-token-1');
  });

  it('say that it is shown once, and how to log in without the token in a command', async () => {
    const stdout = await cli.done(
      `${CREATE.replace('read_registry', 'read_registry,read_repository')} --username ci`,
    );
    const [, secret = ''] = /^token: +(\S+)$/m.exec(stdout) ?? [];
    const [, after = ''] = stdout.split('\n\n');

    expect(after).to.equal(
      [
        'The token is shown this once: save it now.',
        'It is the password of:',
        "  docker login --username 'ci' registry.example.com",
        '  git clone https://ci@pullgate.example.com/tanuki/app.git',
        '',
      ].join('\n'),
    );
    expect(after).not.to.include(secret);
  });

  it('say in capitals what the reader of a line has to put in', async () => {
    const common = '--name ci --scopes read_repository';
    const ofNamespace = await cli.done(`deploy-token create tanuki ${common}`);
    const ofInstance = await cli.done(`deploy-token create --instance ${common}`);
    const ofAda = await cli.done('access-token create ada --name x --scopes write_repository');

    expect(ofNamespace).to.include('/tanuki/PROJECT.git');
    expect(ofInstance).to.include('/NAMESPACE/PROJECT.git').and.not.include('docker login');
    expect(ofAda).to.include('git clone https://ada@pullgate.example.com/PROJECT.git');
  });

  it('say so of passwords and links, and nothing where JSON is wanted', async () => {
    const password = await cli.done('user create grace');
    const link = await cli.done('user invite hedy');
    const json = await cli.done(`${CREATE} --json`);

    expect(password).to.include('The password is shown this once: save it now.\n');
    expect(link).to.include('The link is shown this once: save it now.\n');
    expect(json).to.match(/^\{.*\}\n$/);
  });
});

function expiryIn(json: string): unknown {
  const parsed: unknown = JSON.parse(json);
  return typeof parsed === 'object' && parsed !== null && 'expires_at' in parsed
    ? parsed.expires_at
    : null;
}
