import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { ProgrammeSheet } from './ProgrammeSheet'
import type { Organisation, Programme } from './types'
import { useTermsInWords } from './words'

export default function ProgrammesPage({ company }: { company: Organisation }) {
  const { t } = useTranslation()
  const http = useHttp()
  const say = useTermsInWords()
  const [open, setOpen] = useState<Programme | 'new' | null>(null)
  const q = useQuery({ queryKey: ['programmes', company.id], queryFn: ({ signal }) => http.get<{ items: Programme[] }>(`/v1/organisations/${company.id}/programmes`, { signal }) })
  return (
    <section aria-label={t('employer.programmes')}>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <h1 className="text-2xl font-bold tracking-tight">{t('employer.programmes')}</h1>
        <Button icon="plus" className="ms-auto" onClick={() => setOpen('new')}>
          {t('employer.addProgramme')}
        </Button>
      </div>
      {q.isError ? (
        <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
      ) : q.isPending ? (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      ) : q.data.items.length === 0 ? (
        <Empty icon="ticket" title={t('employer.noProgrammes')} />
      ) : (
        <ul className="grid gap-3 md:grid-cols-2">
          {q.data.items.map((p) => (
            <li key={p.id} className="flex flex-col gap-3 rounded-card border border-edge bg-surface p-4">
              <div className="flex flex-wrap items-center gap-2">
                <h2 className="min-w-0 flex-1 text-lg font-bold">
                  <bdi>{p.name}</bdi>
                </h2>
                {p.active === false && <Chip>{t('employer.closed')}</Chip>}
              </div>
              <ul className="list-disc ps-5 text-[0.9375rem]">
                {say(p, p.currency).map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
              <Button className="mt-auto self-start" onClick={() => setOpen(p)}>
                {t('employer.edit')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {open && <ProgrammeSheet company={company} programme={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </section>
  )
}
