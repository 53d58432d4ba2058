import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { Icon } from '../../design/icons'
import type { Missing } from '../../invoices/types'

/** What was not said of who bills yet, without which nothing is final; with the way there, where that is another screen. */
export function Unsaid({ missing, to }: { missing: readonly Missing[]; to?: string }) {
  const { t } = useTranslation()
  if (missing.length === 0) return null
  return (
    <div role="note" data-testid="unsaid" className="flex items-start gap-3 rounded-control border border-held/40 bg-held-soft p-3.5">
      <Icon name="warn" className="mt-0.5 text-held" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{t('office.unsaid')}</p>
        <ul className="mt-1 list-disc ps-5 text-sm">
          {missing.map((m) => (
            <li key={m}>{t(`office.unsaidOf.${m}`)}</li>
          ))}
        </ul>
        {to && (
          <Link href={to} className="mt-1 inline-flex min-h-11 items-center font-semibold text-brand underline">
            {t('office.sayBiller')}
          </Link>
        )}
      </div>
    </div>
  )
}
