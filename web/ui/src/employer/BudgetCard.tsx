import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { Chip } from '../design/feedback'
import type { Budget } from './types'

/** How a programme's budget of the month stands, with the thresholds that it has reached. */
export function BudgetCard({ budget: b }: { budget: Budget }) {
  const { t } = useTranslation()
  const f = useFormats()
  const share = b.budget && b.budget.amount > 0 ? b.granted.amount / b.budget.amount : undefined
  return (
    <li className="flex flex-col gap-2 rounded-card border border-edge bg-surface p-4">
      <div className="flex flex-wrap items-center gap-2">
        <bdi className="min-w-0 flex-1 font-semibold">{b.name}</bdi>
        {b.alerts.map((a) => (
          <Chip key={a.percent} tone={a.percent >= 100 ? 'bad' : 'held'}>
            {t('employer.reached', { percent: f.percent(a.percent / 100) })}
          </Chip>
        ))}
      </div>
      {share !== undefined && (
        <div role="progressbar" aria-label={t('employer.budgetOf', { name: b.name })} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} className="h-2 overflow-hidden rounded-full bg-sunken">
          <div className={share >= 1 ? 'h-full bg-bad' : 'h-full bg-brand'} style={{ inlineSize: `${Math.min(100, share * 100)}%` }} />
        </div>
      )}
      <p className="figures text-sm text-muted">
        {b.budget ? t('employer.granted', { granted: f.exact(b.granted), budget: f.exact(b.budget) }) : t('employer.grantedFree', { granted: f.exact(b.granted) })}
      </p>
    </li>
  )
}
