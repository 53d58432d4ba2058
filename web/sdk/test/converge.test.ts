import { describe, expect, it } from 'vitest'
import { WaymeetClient, type CallOk, type Held } from '../src/index.js'
import { Clock } from './fakes.js'
import { Model, seeded } from './model.js'

const RUNS = Number(process.env.RUNS ?? 150)
const FIRST = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const CHANNELS = ['trip:1', 'trip:2', 'line:1:2026-11-23', 'board:2026-11-23', 'me']

/** One client against one model, for some minutes of their time. Everything that happens follows from the seed. */
async function run(seed: number) {
  const rnd = seeded(seed)
  const clock = new Clock()
  clock.env.random = rnd
  const model = new Model(clock, rnd, CHANNELS)
  const client = new WaymeetClient({ url: 'ws://model', ticket: async () => 't', open: model.open, env: clock.env, lingerMs: 200 })

  // Within an epoch versions only grow, also over an absence from the set.
  const highest = new Map<string, { epoch: number; v: number; held: Held }>()
  const watch = (ch: string) => {
    // A channel that was left and forgotten begins anew.
    if (client.channel(ch).snapshot().status === 'loading') for (const k of highest.keys()) if (k.startsWith(`${ch} `)) highest.delete(k)
    return client.channel(ch).subscribe((s) => {
      const epoch = model.answered.get(ch) ?? 0
      for (const [name, held] of s.entities) {
        const before = highest.get(`${ch} ${name}`)
        if (before?.held === held) continue
        if (before && before.epoch === epoch && held.v <= before.v) throw new Error(`${ch} ${name}: ${held.v} after ${before.v} in epoch ${epoch}`)
        highest.set(`${ch} ${name}`, { epoch, v: held.v, held })
      }
    })
  }
  const offs = new Map(CHANNELS.map((ch) => [ch, watch(ch)]))

  const answers = new Map<string, CallOk[]>()
  for (let step = 0; step < 150; step++) {
    const dice = rnd()
    const ch = CHANNELS[model.int(CHANNELS.length)] as string
    if (dice < 0.6) model.change(ch)
    else if (dice < 0.66) model.fault()
    else if (dice < 0.7) {
      const key = `k${answers.size}`
      answers.set(key, [])
      void client.call('bookings.hold', { body: { step } }, { key }).then((ok) => answers.get(key)?.push(ok))
    } else if (dice < 0.74) {
      offs.get(ch)?.() // a screen goes
      offs.delete(ch)
    } else if (dice < 0.78 && !offs.has(ch)) offs.set(ch, watch(ch)) // and another comes
    else await clock.pass(model.int(dice < 0.97 ? 300 : 20_000))
  }
  for (const ch of CHANNELS) if (!offs.has(ch)) offs.set(ch, watch(ch))
  model.heal()
  await clock.pass(120_000)

  for (const ch of CHANNELS) {
    const { status, stale, staleSince, entities } = client.channel(ch).snapshot()
    expect({ status, stale, staleSince }, ch).toEqual({ status: 'current', stale: false, staleSince: null })
    const truth = [...(model.truth.get(ch) ?? [])].filter(([, e]) => e.d !== null).map(([name, { v, d }]) => [name, { v, d }])
    expect(Object.fromEntries(entities), ch).toEqual(Object.fromEntries(truth))
  }
  expect(client.status()).toMatchObject({ state: 'open', current: true, staleSince: null })
  expect(client.age()).toBe(0)

  // Each call happened once, and its caller was told so once.
  expect([...model.executed.keys()].sort()).toEqual([...answers.keys()].sort())
  for (const [key, got] of answers) expect(got, key).toEqual([{ status: 201, body: { done: model.executed.get(key) } }])
  client.close()
  return model.epoch
}

describe('convergence', () => {
  it(`holds what the server holds after any faults (SEED=${FIRST} RUNS=${RUNS})`, { timeout: 60_000 + RUNS * 50 }, async () => {
    let epochs = 0
    for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
      try {
        epochs += await run(seed)
      } catch (e) {
        throw new Error(`SEED=${seed} RUNS=1: ${(e as Error).message}`, { cause: e })
      }
    }
    expect(epochs).toBeGreaterThan(RUNS) // or the model has become tame
  })
})
