import { describe, expect, it, vi } from 'vitest'
import { keptIn, Outbox } from '../src/outbox.js'

function fixture(text: string | null = null) {
  let saved = text
  const timers: (() => void)[] = []
  const send = vi.fn<(p: { key: string; body: string }) => Promise<string>>()
  const done = vi.fn()
  let n = 0
  const make = () =>
    new Outbox<string, string>({
      storage: { load: () => saved, save: (t) => void (saved = t) },
      env: { now: () => 42, random: () => 0.5, setTimeout: (fn) => timers.push(fn), clearTimeout: () => undefined },
      send,
      onDone: (p, r) => done(p.body, r),
      newKey: () => `k${++n}`,
    })
  return { make, send, done, timers, saved: () => saved }
}
const flush = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('Outbox', () => {
  it('sends in order, one at a time, and forgets what was answered', async () => {
    const f = fixture()
    f.send.mockImplementation((p) => Promise.resolve(`ok ${p.body}`))
    const box = f.make()
    box.put('a')
    box.put('b')
    await flush()
    expect(f.done.mock.calls).toEqual([
      ['a', 'ok a'],
      ['b', 'ok b'],
    ])
    expect(box.snapshot()).toEqual([])
    expect(f.saved()).toBe('[]')
  })

  it('repeats under the same key after a failure of the network, and keeps the order', async () => {
    const f = fixture()
    f.send.mockRejectedValueOnce(new Error('no network'))
    f.send.mockImplementation((p) => Promise.resolve(p.key))
    const box = f.make()
    box.put('a')
    box.put('b')
    await flush()
    expect(f.done).not.toHaveBeenCalled()
    expect(box.snapshot().map((p) => p.body)).toEqual(['a', 'b'])
    f.timers.at(-1)?.()
    await flush()
    expect(f.done.mock.calls).toEqual([
      ['a', 'k1'],
      ['b', 'k2'],
    ])
    expect(f.send.mock.calls.map(([p]) => p.key)).toEqual(['k1', 'k1', 'k2'])
  })

  it('survives a reload with its keys', async () => {
    const f = fixture()
    f.send.mockRejectedValue(new Error('no network'))
    f.make().put('a')
    await flush()
    f.send.mockReset()
    f.send.mockImplementation((p) => Promise.resolve(p.key))
    const after = f.make()
    expect(after.snapshot().map((p) => [p.key, p.body])).toEqual([['k1', 'a']])
    await after.flush()
    expect(f.done).toHaveBeenCalledExactlyOnceWith('a', 'k1')
  })

  it('keeps a refusal for a person to read, and goes on with the rest', async () => {
    const f = fixture()
    f.send.mockImplementation((p) => (p.body === 'a' ? Promise.reject({ final: true, code: 'ticket_invalid', detail: 'No.' }) : Promise.resolve('ok')))
    const box = f.make()
    box.put('a')
    box.put('b')
    await flush()
    expect(f.done).toHaveBeenCalledExactlyOnceWith('b', 'ok')
    expect(box.snapshot()).toMatchObject([{ body: 'a', failed: { code: 'ticket_invalid', detail: 'No.' } }])
    box.dismiss(box.snapshot()[0]?.key ?? '')
    expect(box.snapshot()).toEqual([])
  })

  it('starts empty from a torn list', () => {
    expect(fixture('[{"key":').make().snapshot()).toEqual([])
  })

  it('is bounded', () => {
    const box = new Outbox<string, string>({ storage: { load: () => null, save: () => undefined }, send: () => new Promise(() => undefined), max: 2 })
    box.put('a')
    box.put('b')
    expect(() => box.put('c')).toThrow(expect.objectContaining({ code: 'queue_full' }))
  })

  it('works with a storage that takes its time: what was kept comes first, saves keep their order', async () => {
    const saved: string[] = []
    let answer: (text: string) => void = () => undefined
    const slow: (() => void)[] = []
    const store = { getItem: () => new Promise<string>((r) => (answer = r)), setItem: (_: string, t: string) => new Promise<void>((r) => slow.push(() => (saved.push(t), r()))) }
    const sent: string[] = []
    const box = new Outbox<string, string>({ storage: keptIn(store, 'calls'), send: async (p) => (sent.push(p.body), p.body) })
    box.put('new')
    await flush()
    expect(sent).toEqual([])
    answer(JSON.stringify([{ key: 'k0', at: 1, body: 'old', tries: 3 }]))
    await box.ready
    for (let i = 0; i < 10; i++) {
      await flush()
      expect(slow.length).toBeLessThanOrEqual(1) // or an older list could be the last to arrive
      slow.shift()?.()
    }
    expect(sent).toEqual(['old', 'new'])
    expect(saved.map((t) => (JSON.parse(t) as { body: string }[]).map((p) => p.body))).toEqual([['old', 'new'], ['new'], []])
  })

  it('sends all the same when the storage fails', async () => {
    for (const fail of [() => { throw new Error('quota') }, () => Promise.reject(new Error('quota'))]) {
      const send = vi.fn(async () => 'ok')
      const box = new Outbox<string, string>({ storage: { load: fail, save: fail }, send })
      box.put('a')
      await box.ready
      await flush()
      expect(send).toHaveBeenCalledOnce()
      expect(box.snapshot()).toEqual([])
    }
  })

  it('stops, and keeps what waits', async () => {
    const f = fixture()
    f.send.mockRejectedValueOnce(new Error('no network'))
    const box = f.make()
    box.put('a')
    await flush()
    box.stop()
    f.timers.at(-1)?.()
    await box.flush()
    expect(f.send).toHaveBeenCalledOnce()
    expect(JSON.parse(f.saved() ?? '')).toMatchObject([{ body: 'a' }])
  })
})

/** A storage that answers when the test says so, and a sender with its hands full. */
function late(thenable = false) {
  let kept = JSON.stringify([{ key: 'k0', at: 1, body: 'first', tries: 3 }, { key: 'k1', at: 2, body: 'second', tries: 0 }])
  const loads: { answer: () => void; fail: () => void }[] = []
  const storage = {
    load: () => {
      const p = new Promise<string>((ok, no) => loads.push({ answer: () => ok(kept), fail: () => no(new Error('no such database')) }))
      return thenable ? ({ then: p.then.bind(p) } as Promise<string>) : p // as another library's promises are
    },
    save: async (t: string) => void (kept = t),
  }
  const sent: string[] = []
  const make = (send = async (p: { body: string }) => p.body) => new Outbox<string, string>({ storage, send: (p) => (sent.push(`${p.key} ${p.body}`), send(p)) })
  return { storage, loads, sent, make, kept: () => (JSON.parse(kept) as { body: string }[]).map((p) => p.body) }
}

describe('Outbox on a storage that answers later', () => {
  for (const thenable of [false, true])
    it(`sends what was kept over a restart, although nothing new is put (${thenable ? "another library's promise" : 'a promise'})`, async () => {
      const f = late(thenable)
      const box = f.make()
      const changed = vi.fn()
      box.onChange(changed)
      void box.flush() // the connection is there before the storage has answered
      await flush()
      expect(f.sent).toEqual([])
      f.loads[0]?.answer()
      await box.ready
      await flush()
      expect(f.sent).toEqual(['k0 first', 'k1 second'])
      expect(changed).toHaveBeenCalled()
      expect(box.snapshot()).toEqual([])
      expect(f.kept()).toEqual([])
    })

  it('sends each once when the network comes before, while and after the storage answers', async () => {
    const f = late()
    const answers: (() => void)[] = []
    const box = f.make((p) => new Promise((ok) => answers.push(() => ok(p.body))))
    void box.flush()
    f.loads[0]?.answer()
    void box.flush()
    await box.ready
    for (let i = 0; i < 4; i++) {
      void box.flush()
      void box.flush()
      await flush()
      answers.shift()?.()
      await flush()
    }
    expect(f.sent).toEqual(['k0 first', 'k1 second'])
  })

  it('starts twice at once: each sends the same keys, so that they happen once', async () => {
    const f = late()
    const boxes = [f.make(), f.make()]
    for (const load of f.loads) load.answer()
    await Promise.all(boxes.map((b) => b.ready))
    await flush()
    expect([...f.sent].sort()).toEqual(['k0 first', 'k0 first', 'k1 second', 'k1 second'])
    expect(f.kept()).toEqual([])
  })

  it('sends what is put when the storage cannot be read, before or after it says so', async () => {
    const f = late()
    const box = f.make()
    box.put('early')
    f.loads[0]?.fail()
    await box.ready
    box.put('later')
    await flush()
    expect(f.sent.map((s) => s.split(' ')[1])).toEqual(['early', 'later'])
  })

  it('sends nothing once it was stopped', async () => {
    const f = late()
    const box = f.make()
    box.stop()
    f.loads[0]?.answer()
    await box.ready
    await flush()
    expect(f.sent).toEqual([])
    expect(f.kept()).toEqual(['first', 'second'])
  })
})

/** A storage that holds two calls and fails to be read as often as told, at once or in its own time; timers fire when told. */
function failing(later: boolean, failures: number, text = JSON.stringify([{ key: 'k0', at: 1, body: 'first', tries: 3 }, { key: 'k1', at: 2, body: 'second', tries: 0 }])) {
  const saved: string[] = []
  const timers: { fn: () => void; ms: number; gone: boolean }[] = []
  const sent: string[] = []
  const f = { failures, loads: 0, network: true, saved, timers, sent }
  const answer = () => {
    f.loads++
    if (f.failures-- > 0) throw new Error('database is locked')
    return saved.at(-1) ?? text
  }
  let n = 0
  const make = () =>
    new Outbox<string, string>({
      storage: { load: () => (later ? Promise.resolve().then(answer) : answer()), save: (t) => void saved.push(t) },
      env: {
        now: () => 42,
        random: () => 0.999,
        setTimeout: (fn, ms) => timers.push({ fn, ms, gone: false }) - 1,
        clearTimeout: (i) => { if (typeof i === 'number') (timers[i] as { gone: boolean }).gone = true },
      },
      send: async (p) => {
        if (!f.network) throw new Error('no network')
        return (sent.push(p.body), p.body)
      },
      newKey: () => `n${++n}`,
    })
  const fire = async () => {
    for (const t of timers.filter((t) => !t.gone)) {
      t.gone = true
      t.fn()
    }
    await flush()
  }
  const lists = () => saved.map((t) => (JSON.parse(t) as { body: string }[]).map((p) => p.body))
  return Object.assign(f, { make, fire, lists, due: () => timers.filter((t) => !t.gone) })
}

for (const later of [false, true])
  describe(`Outbox on a storage that cannot be read for a while (it answers ${later ? 'later' : 'at once'})`, () => {
    it('saves nothing before it has read what is there, and then both', async () => {
      const f = failing(later, 2)
      f.network = false
      const box = f.make()
      await flush()
      box.put('third')
      await flush()
      expect(f.lists()).toEqual([])
      expect(box.snapshot().map((p) => p.body)).toEqual(['third'])
      await f.fire()
      expect(f.lists()[0]).toEqual(['first', 'second', 'third'])
      f.network = true
      await f.fire()
      expect(f.sent).toEqual(['first', 'second', 'third'])
      expect(box.snapshot()).toEqual([])
      expect(f.saved.at(-1)).toBe('[]')
    })

    it('sends the calls of this run meanwhile, and what was there when it can be read', async () => {
      const f = failing(later, 2)
      const box = f.make()
      await flush()
      box.put('third')
      await flush()
      expect(f.sent).toEqual(['third'])
      expect(f.saved).toEqual([])
      await f.fire()
      expect(f.sent).toEqual(['third', 'first', 'second'])
      expect(f.lists()).toEqual([['second'], []])
    })

    it('reads it again by itself, with growing pauses, and tells of what came', async () => {
      const f = failing(later, 6)
      const box = f.make()
      const changed = vi.fn()
      box.onChange(changed)
      await box.ready
      for (let i = 0; i < 6; i++) {
        await flush()
        expect(f.sent).toEqual([])
        await f.fire()
      }
      expect(f.timers.map((t) => t.ms)).toEqual([1_998, 3_996, 7_992, 14_985, 14_985, 14_985])
      expect(f.loads).toBe(7)
      expect(f.sent).toEqual(['first', 'second'])
      expect(changed).toHaveBeenCalled()
      expect(f.due()).toEqual([])
    })

    for (const by of ['put', 'flush'] as const)
      it(`reads it again at once at a ${by}`, async () => {
        const f = failing(later, 1)
        const box = f.make()
        await flush()
        expect(f.loads).toBe(1)
        if (by === 'put') box.put('third')
        else await box.flush()
        await flush()
        expect(f.loads).toBe(2)
        expect([...f.sent].sort()).toEqual(by === 'put' ? ['first', 'second', 'third'] : ['first', 'second'])
        expect(f.due()).toEqual([]) // the pause is over
      })

    it('asks for it no more after it was stopped, but once for what would be lost', async () => {
      for (const waits of [false, true]) {
        const f = failing(later, waits ? 2 : 1)
        f.network = false
        const box = f.make()
        await flush()
        if (waits) box.put('third')
        await flush()
        box.stop()
        await flush()
        expect(f.due()).toEqual([])
        expect(f.loads).toBe(waits ? 3 : 1)
        expect(f.lists()).toEqual(waits ? [['first', 'second', 'third']] : [])
        expect(f.sent).toEqual([])
      }
      const f = failing(later, Infinity)
      f.make().stop()
      await flush()
      expect(f.due()).toEqual([])
    })
  })

describe('Outbox on a storage that holds what it did not write', () => {
  const good = { key: 'k0', at: 1, body: 'good', tries: 0 }
  const refused = { key: 'k9', at: 1, body: 'refused', tries: 1, failed: { code: 'trip_full', detail: 'Full.' } }
  const odd = [null, 'a string', 7, true, [], {}, { ...good, key: 1 }, { ...good, key: '' }, { ...good, at: null }, { ...good, tries: '0' }, { key: 'k0', at: 1, tries: 0 }, { ...good, failed: null }, { ...good, failed: { code: 'x' } }]

  for (const thing of odd)
    it(`leaves ${JSON.stringify(thing)} out, and keeps the rest`, async () => {
      const f = fixture(JSON.stringify([thing, good, thing, refused]))
      f.send.mockImplementation((p) => Promise.resolve(p.key))
      const box = f.make()
      expect(box.snapshot().map((p) => p.body)).toEqual(['good', 'refused'])
      box.put('new')
      await box.flush()
      await flush()
      expect(f.done.mock.calls.map(([body]) => body as string)).toEqual(['good', 'new'])
      expect(JSON.parse(f.saved() ?? '')).toEqual([refused])
    })

  for (const text of ['"a string"', '7', 'null', '{"key":"k0"}', ''])
    it(`starts empty from ${text || 'nothing'}`, async () => {
      const f = fixture(text)
      f.send.mockImplementation((p) => Promise.resolve(p.key))
      const box = f.make()
      box.put('new')
      await flush()
      expect(f.done.mock.calls).toEqual([['new', 'k1']])
    })

  it('asks its user whether a body is one of theirs, and takes an exception for a no', () => {
    const box = new Outbox<string, string>({
      storage: { load: () => JSON.stringify([good, { ...good, key: 'k2', body: { of: 'an older program' } }, { ...good, key: 'k3', body: null }]), save: () => undefined },
      send: () => new Promise(() => undefined),
      understands: (body) => (body as string).length > 0,
    })
    expect(box.snapshot()).toEqual([good])
  })
})
