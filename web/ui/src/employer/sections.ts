import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import type { IconName } from '../design/icons'
import type { Organisation } from './types'

export type Section = {
  path: string // under /company; what is behind it belongs to it too
  icon: IconName
  label: 'employer.overview' | 'employer.programmes' | 'employer.members' | 'employer.spend' | 'invoices.title'
  page: LazyExoticComponent<ComponentType<{ company: Organisation }>>
}

/** The places of an employer, in the order of the sub navigation; the first is where a manager lands. */
export const sections: readonly Section[] = [
  { path: 'overview', icon: 'board', label: 'employer.overview', page: lazy(() => import('./OverviewPage')) },
  { path: 'programmes', icon: 'ticket', label: 'employer.programmes', page: lazy(() => import('./ProgrammesPage')) },
  { path: 'members', icon: 'people', label: 'employer.members', page: lazy(() => import('./MembersPage')) },
  { path: 'spend', icon: 'cash', label: 'employer.spend', page: lazy(() => import('./SpendPage')) },
  { path: 'invoices', icon: 'list', label: 'invoices.title', page: lazy(() => import('../invoices/OfCompany')) },
]
