import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { IconButton } from '../design/Button'
import { cx } from '../design/cx'
import { Icon } from '../design/icons'
import type { Verdict } from './boarding'

/** The answer to a scan, to be read at arm's length: colour, sign and words all say the same. */
export function VerdictCard({ verdict: v, time, onClose }: { verdict: Verdict; time: string | undefined; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const tone = v.kind === 'boarded' ? 'bg-good-soft text-good' : v.kind === 'refused' ? 'bg-bad-soft text-bad' : 'bg-held-soft text-held'
  const who = 'name' in v && v.name ? v.name : null
  const title =
    v.kind === 'boarded' ? t('verdict.boarded') : v.kind === 'already' ? t('verdict.already') : v.kind === 'kept' ? t('verdict.kept') : t('verdict.refused')
  return (
    <div role={v.kind === 'boarded' ? 'status' : 'alert'} data-testid="verdict" data-kind={v.kind} className={cx('flex animate-rise items-start gap-3 rounded-card p-4', tone)}>
      <Icon name={v.kind === 'boarded' ? 'check' : v.kind === 'refused' ? 'close' : v.kind === 'kept' ? 'upload' : 'warn'} size={32} strokeWidth={2.5} />
      <div className="min-w-0 flex-1">
        <p className="text-xl leading-7 font-bold">{title}</p>
        {'party' in v && (
          <p className="text-lg font-semibold text-ink">
            {who && <bdi>{who}</bdi>}
            {who && ' · '}
            {t('hold.for', { count: v.party, n: f.n(v.party) })}
          </p>
        )}
        {v.kind === 'already' && <p className="text-ink">{time ? t('verdict.alreadyAt', { time }) : t('verdict.alreadyHere')}</p>}
        {v.kind === 'boarded' && v.waiting && <p className="text-ink">{t('verdict.waiting')}</p>}
        {v.kind === 'kept' && <p className="text-ink">{t('verdict.keptHint')}</p>}
        {v.kind === 'refused' && <p className="break-words whitespace-pre-line text-ink">{v.text ?? (v.why ? t(`verdict.why.${v.why}`) : '')}</p>}
      </div>
      <IconButton icon="close" label={t('action.close')} size="sm" onClick={onClose} />
    </div>
  )
}
