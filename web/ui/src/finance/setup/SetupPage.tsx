import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useHttp } from '../../app/context'
import { Head, Shown } from '../Head'
import { BillerForm, type Biller } from './BillerForm'
import { Taxes } from './Taxes'

/** Who bills, and what taxes hold. */
export default function SetupPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const q = useQuery({ queryKey: ['biller'], queryFn: ({ signal }) => http.get<Biller>('/v1/biller', { signal }) })
  const [loads, setLoads] = useState(0)
  const again = async () => {
    if ((await q.refetch()).isSuccess) setLoads((n) => n + 1)
  }
  return (
    <section aria-label={t('office.setup')} className="flex flex-col gap-8">
      <div>
        <Head title={t('office.setup')} />
        <Shown query={q}>{(b) => <BillerForm key={loads} biller={b} onAgain={() => void again()} />}</Shown>
      </div>
      <Taxes country={q.data?.country ?? ''} />
    </section>
  )
}
