import { describe, expect, it } from 'vitest'
import { CandidateBox, fewCodecs, Negotiation } from './negotiation'

describe('offers that cross', () => {
  it('the polite end takes the other’s, the impolite keeps its own', () => {
    const [polite, impolite] = [new Negotiation(true), new Negotiation(false)]
    expect(polite.hear('offer', 'have-local-offer')).toBe('take')
    expect(impolite.hear('offer', 'have-local-offer')).toBe('ignore')
    expect(impolite.deaf).toBe(true)
    expect(impolite.hear('answer', 'have-local-offer')).toBe('take')
    expect(impolite.deaf).toBe(false)
  })
  it('one that is being made counts as made', () => {
    const n = new Negotiation(false)
    n.making = true
    expect(n.hear('offer', 'stable')).toBe('ignore')
    n.making = false
    expect(n.hear('offer', 'stable')).toBe('take')
  })
  it('while an answer settles the next offer may come', () => {
    const n = new Negotiation(false)
    n.settling = true
    expect(n.hear('offer', 'have-local-offer')).toBe('take')
  })
  it('an answer to nothing is ignored', () => expect(new Negotiation(true).hear('answer', 'stable')).toBe('ignore'))
})

describe('candidates', () => {
  const c = (usernameFragment: string | null, n = 1): RTCIceCandidateInit => ({ candidate: `candidate:${n}`, usernameFragment })
  it('wait for their description', () => {
    const box = new CandidateBox()
    expect(box.add(c('u1', 1))).toEqual([])
    expect(box.add(c('u2', 2))).toEqual([])
    expect(box.described('v=0\r\na=ice-ufrag:u1\r\n')).toEqual([c('u1', 1)])
    expect(box.add(c('u1', 3))).toEqual([c('u1', 3)])
    expect(box.described('v=0\r\na=ice-ufrag:u2\r\n')).toEqual([c('u2', 2)])
    expect(box.add(c('u1', 4))).toEqual([]) // of before the restart
  })
  it('without a name they go with what is described', () => {
    const box = new CandidateBox()
    expect(box.add(c(null))).toEqual([])
    expect(box.described('a=ice-ufrag:x\n')).toEqual([c(null)])
  })
})

it('few codecs are offered', () => {
  const all = ['audio/opus', 'audio/red', 'audio/G722', 'video/VP8', 'video/rtx', 'video/VP9', 'video/AV1'].map((mimeType) => ({ mimeType }))
  const h264 = ['42001f;packetization-mode=1', '42001f;packetization-mode=0', '42e01f;packetization-mode=1', '640032;packetization-mode=1'].map((l) => ({ mimeType: 'video/H264', sdpFmtpLine: `profile-level-id=${l}` }))
  expect(fewCodecs([...all, ...h264]).map((x) => x.mimeType)).toEqual(['audio/opus', 'video/VP8', 'video/rtx', 'video/H264'])
})
