import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { Chip } from '../design/feedback'
import type { Case } from './types'

/** What somebody said was wrong, and what was answered. */
export function Said({ case: c }: { case: Case }) {
  const { t } = useTranslation()
  const f = useFormats()
  return (
    <div className="flex flex-col gap-1">
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-semibold">{t(`cases.reason.${c.reason}`)}</span>
        <Chip tone={c.state === 'open' ? 'held' : c.decision === 'declined' ? 'neutral' : 'good'}>{c.decision ? t(`cases.decision.${c.decision}`) : t('cases.state.open')}</Chip>
        {c.amount && <bdi className="figures font-semibold">{f.money(c.amount)}</bdi>}
      </p>
      <p className="text-sm whitespace-pre-line break-words text-muted">
        <bdi>{c.says}</bdi>
      </p>
      {c.answer && (
        <p className="border-s-2 border-brand ps-3 text-sm whitespace-pre-line break-words">
          <bdi>{c.answer}</bdi>
        </p>
      )}
    </div>
  )
}
