import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { Empty } from '../design/feedback'
import { useMe } from './context'
import { placesFor } from './places'

/** Nothing under this address, or nothing that this person may see. */
export function NotHere() {
  const { t } = useTranslation()
  const home = placesFor(useMe())[0]?.href ?? '/'
  return (
    <Empty
      icon="map"
      title={t('state.notHere')}
      action={
        <Link className="inline-flex min-h-11 items-center font-semibold text-brand underline" href={home}>
          {t('state.goHome')}
        </Link>
      }
    />
  )
}
