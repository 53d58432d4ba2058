import { useTranslation } from 'react-i18next'
import { Empty } from '../../design/feedback'

export default function PaymentsPage() {
  const { t } = useTranslation()
  return (
    <section aria-label={t('finance.payments')}>
      <h1 className="mb-3 text-2xl font-bold tracking-tight">{t('finance.payments')}</h1>
      <Empty icon="cash" title={t('finance.noPayments')} />
    </section>
  )
}
