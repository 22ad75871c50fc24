import { expect } from 'chai';
import { mock } from 'node:test';
import { createPlaces, NoPlace, type Places } from '../../../src/store/mysql/places.js';

const FAR = 1e9;

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function takeAll(from: Places, count: number): Promise<void> {
  for (let taken = 0; taken < count; taken += 1) {
    await from.take(FAR);
  }
}

describe('places for connections', () => {
  let wanted: number;

  beforeEach(() => {
    wanted = 0;
    mock.timers.enable({ apis: ['setTimeout'] });
  });

  afterEach(() => {
    mock.timers.reset();
  });

  function places(most: number, queue = 10): Places {
    return createPlaces({
      most,
      queue,
      wanted() {
        wanted += 1;
      },
    });
  }

  it('are taken in the order in which they were asked for, as they are left', async () => {
    const two = places(2);
    await takeAll(two, 2);
    const entered: string[] = [];
    void two.take(FAR).then(() => entered.push('first'));
    void two.take(FAR).then(() => entered.push('second'));
    await settle();
    const before = [...entered];

    two.leave();
    await settle();

    expect(before).to.deep.equal([]);
    expect(entered).to.deep.equal(['first']);
    expect([two.used(), two.waiting(), wanted]).to.deep.equal([2, 1, 2]);
  });

  it('are refused to who waits too long, and to who comes when too many wait', async () => {
    const one = places(1, 1);
    await one.take(FAR);
    const late = one.take(performance.now() + 100).catch((error: unknown) => error);
    const surplus = await one.take(FAR).catch((error: unknown) => error);
    mock.timers.tick(200);

    expect(surplus).to.be.instanceOf(NoPlace);
    expect(await late).to.be.instanceOf(NoPlace);
    expect([one.used(), one.waiting()]).to.deep.equal([1, 0]);
  });

  it('are no more than those in use once the server has none left, for a second', async () => {
    const ten = places(10);
    await takeAll(ten, 3);

    const mayWait = ten.serverIsFull();
    ten.leave();
    let entered = 0;
    for (let asked = 0; asked < 5; asked += 1) {
      void ten.take(FAR).then(() => (entered += 1));
    }
    await settle();
    const whileFull = entered;
    ten.leave();
    await settle();
    const afterOneLeft = entered;
    mock.timers.tick(1000);
    await settle();

    expect(mayWait).to.equal(true);
    expect([whileFull, afterOneLeft, entered]).to.deep.equal([0, 1, 5]);
  });

  it('are not waited for where none is in use', async () => {
    const ten = places(10);
    await ten.take(FAR);

    expect(ten.serverIsFull()).to.equal(false);
  });
});
