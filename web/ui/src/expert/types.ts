import type { Money } from '../api/types'

// What the expert's screens read: practice.*, sessions.list, and the offers of `me`.

export type Intent = 'available' | 'break' | 'off'
export type Modality = 'audio' | 'video' | 'chat'
export type Level = { skill: string; level: number }
export type Hours = { weekday: number; from: number; until: number }
export type Rules = { price: Money; slots: number; modalities: Modality[]; languages: string[]; time_zone: string; skills: Level[]; hours: Hours[]; days?: DayHours[] }
export type DayHours = { date: string; away?: boolean; from?: number; until?: number }
export type Licence = { id: string; skill: string; number: string; until: string; days: number; expired: boolean; state: 'submitted' | 'accepted' | 'refused'; why?: string; name: string; file: { kind: string; size: number }; at: string }
export type Practice = Rules & { id: string; name: string; state: 'applied' | 'approved' | 'refused'; suspended: boolean; why?: string; intent: Intent; asked: boolean; rating: number; rated: number }
export type Skill = { id: string; name: string; licensed: boolean; active: boolean }

export type OfferDoc = { request: string; queue: string; modality: Modality; languages: string[]; about?: string; needs: Record<string, number>; pay: Money; beside?: string; made_at: string; deadline: string }
export type Ring = OfferDoc & { id: string }

export type SessionItem = { id: string; state: string; client: string; expert: string; created_at: string }
export type EarnedSpan = { part: Money; sessions: number; talked_s: number }
export type EarnedItem = { id: string; state: string; modality: Modality; created_at: string; ended_at: string; charged_s: number; cost: Money; part?: Money; beside?: boolean }
export type Earnings = { today: EarnedSpan; week: EarnedSpan; items: EarnedItem[]; next?: string }

export const modalityIcon = { audio: 'mic', video: 'camera', chat: 'chat' } as const
