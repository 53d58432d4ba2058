import { describe, expect, it } from 'vitest'
import { Courier, lineOf } from './courier'

type Sent = { sig: string; key: string; to: string; d: object }

/** Two ends on a line that loses, doubles and turns round what it is given. */
function pair(lose: () => boolean = () => false) {
  let now = 0
  const wire: Sent[] = []
  const line = (up: () => boolean) => (sig: string, key: string, to: string, d: object) => {
    if (!up()) return false
    if (!lose()) wire.push({ sig, key, to, d })
    return true
  }
  let up = true
  const a = new Courier('a', line(() => up), () => now)
  const b = new Courier('b', line(() => up), () => now)
  const got: object[] = []
  const deliver = (order: (all: Sent[]) => Sent[] = (x) => x) => {
    for (const s of order(wire.splice(0))) {
      const [to, from] = s.to === 'a' ? [a, 'b'] : [b, 'a']
      if (s.sig === 'msg') to.acknowledged((s.d as { ack: string[] }).ack)
      else if (to.take(s.sig, from, s.key)) got.push(s.d)
    }
  }
  return { a, b, wire, got, deliver, pass: (ms: number) => (now += ms), cut: (x: boolean) => (up = !x) }
}

describe('what WebRTC needs', () => {
  it('is sent again until it is acknowledged, and taken once', () => {
    let lost = 0
    const p = pair(() => lost++ < 3)
    p.a.post('1', { sig: 'ice', to: 'b', d: { n: 1 } })
    for (let i = 0; i < 20; i++) {
      p.pass(500)
      p.a.tick()
      p.deliver()
      p.b.tick()
      p.deliver()
    }
    expect(p.got).toEqual([{ n: 1 }])
    p.pass(60_000)
    p.a.tick()
    expect(p.wire).toEqual([])
  })
  it('an answer to a repeat is given again: the first may be what was lost', () => {
    const p = pair()
    p.a.post('1', { sig: 'ice', to: 'b', d: { n: 1 } })
    p.deliver()
    p.b.tick()
    p.wire.length = 0 // the acknowledgement is lost
    p.pass(500)
    p.a.tick()
    p.deliver()
    p.b.tick()
    expect(p.wire).toHaveLength(1)
    expect(p.got).toEqual([{ n: 1 }])
  })
  it('what was for one goes with their connection, what was for another is sent on, and each says of which connection it is', () => {
    let now = 0
    const sent: string[] = []
    const a = new Courier('a', (_sig, key, to) => (sent.push(`${to} ${lineOf(key)}`), true), () => now)
    a.post('2', { sig: 'ice', to: 'b', d: {} })
    a.post('2-7', { sig: 'ice', to: 'c', d: {} })
    a.drop('c')
    now += 5_000
    a.tick()
    expect(sent).toEqual(['b 2', 'c 2-7', 'b 2'])
  })
  it('an older description that comes after a newer one is not taken', () => {
    const p = pair()
    p.a.post('1', { sig: 'sdp', to: 'b', d: { n: 1 } })
    p.a.post('1', { sig: 'sdp', to: 'b', d: { n: 2 } })
    p.deliver((all) => all.reverse())
    expect(p.got).toEqual([{ n: 2 }])
  })
  it('without a connection it has not been tried, and goes when there is one', () => {
    const p = pair()
    p.cut(true)
    p.a.post('1', { sig: 'ice', to: 'b', d: { n: 1 } })
    for (let i = 0; i < 100; i++) {
      p.pass(5_000)
      p.a.tick()
    }
    p.cut(false)
    p.pass(5_000)
    p.a.tick()
    p.deliver()
    expect(p.got).toEqual([{ n: 1 }])
  })
  it('what is withheld is given up, and what was dropped is not sent', () => {
    const p = pair(() => true)
    p.a.post('1', { sig: 'ice', to: 'b', d: {} })
    for (let i = 0; i < 30; i++) {
      p.pass(5_000)
      p.a.tick()
    }
    p.a.post('1', { sig: 'ice', to: 'b', d: {} })
    p.a.drop()
    const p2 = pair()
    p2.a.post('1', { sig: 'ice', to: 'b', d: {} })
    p2.wire.length = 0
    p2.a.drop()
    p2.pass(60_000)
    p2.a.tick()
    expect(p2.wire).toEqual([])
  })
})
