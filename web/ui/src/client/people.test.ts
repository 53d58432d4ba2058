import { describe, expect, it } from 'vitest'
import { markOf, without, type BlockedPerson, type Favourite } from './people'

const at = '2026-11-23T10:00:00Z'
const liked: Favourite = { expert: 'e1', name: 'Layla', there: true, at }
const blocked: BlockedPerson = { user: 'e1', name: '', at }

describe('whom one marked', () => {
  it('is one kind of row, whichever list it stands in', () => {
    expect(markOf(liked)).toEqual({ id: 'e1', name: 'Layla', there: true, at })
    expect(markOf(blocked)).toEqual({ id: 'e1', name: '', at })
  })
  it('goes from its list alone, and from no list that was never read', () => {
    const page = { items: [liked, { ...liked, expert: 'e2' }], next: 'n' }
    expect(without(page, 'e1')).toEqual({ items: [{ ...liked, expert: 'e2' }], next: 'n' })
    expect(without({ items: [blocked] }, 'e1')?.items).toEqual([])
    expect(page.items).toHaveLength(2)
    expect(without(undefined, 'e1')).toBeUndefined()
  })
})
