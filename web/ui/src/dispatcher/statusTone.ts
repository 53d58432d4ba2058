import type { TripStatus } from '../api/types'
import type { Tone } from '../design/feedback'

export const statusTone: Record<TripStatus, Tone> = { scheduled: 'neutral', boarding: 'brand', departed: 'good', completed: 'neutral', cancelled: 'bad' }
