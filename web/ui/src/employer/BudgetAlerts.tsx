import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { can, useFormats, useHttp, useMe } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Icon } from '../design/icons'
import type { Budget, Spend } from './types'

type Alert = { budget: Budget; percent: number }

/** The highest threshold that each programme has reached this month, until somebody has said that they have seen it. */
export function BudgetAlerts({ spend }: { spend: Spend }) {
  const { t } = useTranslation()
  const open = spend.budgets.flatMap((budget): Alert[] => {
    const waits = budget.alerts.filter((a) => !a.seen_at).map((a) => a.percent)
    return waits.length > 0 ? [{ budget, percent: Math.max(...waits) }] : []
  })
  if (open.length === 0) return null
  return (
    <section aria-label={t('budgetAlerts.title')}>
      <div role="status">
        <ul data-testid="budget-alerts" className="flex flex-col gap-2">
          {open.map((a) => (
            <Row key={a.budget.programme} alert={a} month={spend.month} />
          ))}
        </ul>
      </div>
    </section>
  )
}

function Row({ alert: { budget, percent }, month }: { alert: Alert; month: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const cache = useQueryClient()
  const see = useAction(
    useCallback((_: number, key: string) => http.post<undefined>(`/v1/programmes/${budget.programme}/alerts`, { body: { month, percent }, key }).then(() => true), [http, budget.programme, month, percent]),
  )
  const go = async () => {
    if (await see.act(percent)) void cache.invalidateQueries({ queryKey: ['spend'] })
  }
  return (
    <li className="flex flex-col gap-2 rounded-card border border-edge bg-surface px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className={percent >= 100 ? 'text-bad' : 'text-held'}>
          <Icon name="warn" size={20} />
        </span>
        <span className="min-w-0 flex-1 font-semibold break-words">{t('budgetAlerts.says', { name: budget.name, percent: f.percent(percent / 100) })}</span>
        {(can(me, 'company.manage') || can(me, 'organisation.write')) && (
          <Button busy={see.busy} onClick={() => void go()}>
            {t('budgetAlerts.seen')}
          </Button>
        )}
      </div>
      {see.error !== null && <ErrorNote error={see.error} />}
    </li>
  )
}
