import { useTranslation } from 'react-i18next'
import { useCards } from './cards'

/** Who is paid: the merchant of record, as the payer's bank statement will say. */
export function Seller({ name }: { name: string | undefined }) {
  const { t } = useTranslation()
  if (!name) return null
  return (
    <p data-testid="merchant" className="w-full text-center text-sm break-words text-muted">
      {t('pay.merchant')} <bdi className="font-semibold">{name}</bdi>
    </p>
  )
}

/** The same before anything is begun. */
export function NextSeller() {
  return <Seller name={useCards().data?.merchant} />
}
