import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { can, useFormats, useHttp, useMe, useToday } from '../../app/context'
import { Button } from '../../design/Button'
import { cx } from '../../design/cx'
import { Chip } from '../../design/feedback'
import { Shown } from '../Head'
import { cell, figure, Table } from '../Table'
import { NewTax } from './NewTax'
import { isSupply, type Tax } from './tax'

/** What is taxed how, where and from when. A rate that changes is a row that is added. */
export function Taxes({ country }: { country: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const { today } = useToday()
  const [adding, setAdding] = useState(false)
  const q = useQuery({ queryKey: ['taxes'], queryFn: ({ signal }) => http.get<{ own: boolean; items: Tax[] }>('/v1/taxes', { signal }) })
  return (
    <section aria-labelledby="taxes">
      <div className="mb-2 flex flex-wrap items-center gap-3">
        <h2 id="taxes" className="text-lg font-bold">
          {t('office.taxes')}
        </h2>
        {can(me, 'invoice.write') && (
          <Button icon="plus" className="ms-auto" onClick={() => setAdding(true)}>
            {t('office.taxAdd')}
          </Button>
        )}
      </div>
      <p className="mb-3 text-sm text-muted">{t('office.taxesHint')}</p>
      <Shown query={q}>
        {(x) => (
          <>
            {!x.own && <p className="mb-3 rounded-control bg-held-soft p-3 text-sm font-medium text-held">{t('office.taxesStarting')}</p>}
            <Table
              label={t('office.taxes')}
              columns={[{ name: t('office.country') }, { name: t('office.supply') }, { name: t('office.rate'), end: true }, { name: t('office.code'), wide: true }, { name: t('office.holds'), wide: true }]}
            >
              {x.items.map((r) => {
                const over = r.until !== undefined && r.until < today
                return (
                  <tr key={`${r.country} ${r.supply} ${r.from ?? ''}`} className={cx('border-b border-edge last:border-b-0', over && 'text-muted')}>
                    <td className={cell}>{r.country}</td>
                    <td className={cell}>
                      <span className="block font-semibold">{isSupply(r.supply) ? t(`office.supplyOf.${r.supply}`) : r.supply}</span>
                      <span className="block md:hidden">
                        <code dir="ltr">{r.code}</code> <Holds tax={r} today={today} />
                      </span>
                      {r.law && <bdi className="block max-w-72 text-muted">{r.law}</bdi>}
                    </td>
                    <td className={figure}>
                      <bdi>{r.treatment === 'taxed' ? t('office.perCent', { n: f.n(r.rate / 100) }) : t(`office.treatment.${r.treatment}`)}</bdi>
                    </td>
                    <td className={cx(cell, 'max-md:hidden')}>
                      <code dir="ltr">{r.code}</code>
                    </td>
                    <td className={cx(cell, 'max-md:hidden')}>
                      <Holds tax={r} today={today} />
                    </td>
                  </tr>
                )
              })}
            </Table>
          </>
        )}
      </Shown>
      {adding && <NewTax country={country} onClose={() => setAdding(false)} />}
    </section>
  )
}

/** When a tax holds. */
function Holds({ tax: r, today }: { tax: Tax; today: string }) {
  const { t } = useTranslation()
  const day = useDay()
  return (
    <>
      <span className="block">{r.from ? t('office.fromDay', { date: day(r.from) }) : t('office.always')}</span>
      {r.until && <span className="block">{t('office.untilDay', { date: day(r.until) })}</span>}
      {r.from && r.from > today && <Chip tone="brand">{t('office.toCome')}</Chip>}
    </>
  )
}

/** A day with its year: rates are changed years apart. */
export function useDay() {
  const { tag } = useFormats()
  return (date: string) => new Intl.DateTimeFormat(tag, { timeZone: 'UTC', dateStyle: 'medium' }).format(new Date(`${date}T00:00:00Z`))
}
