import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../api/problem'
import type { Page, User } from '../api/types'
import { useAction } from '../app/action'
import { can, useFormats, useHttp, useMe } from '../app/context'
import { Button } from '../design/Button'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Field } from '../design/Field'
import { Sheet } from '../design/Sheet'
import type { Organisation } from '../employer/types'
import { Managers } from './Managers'

/** The operator's business customers: made here, and given their first manager. */
export function Organisations() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const [open, setOpen] = useState<Organisation | 'new' | null>(null)
  const [adding, setAdding] = useState(false)
  const q = useQuery({ queryKey: ['organisations'], queryFn: ({ signal }) => http.get<Page<Organisation>>('/v1/organisations', { query: { limit: 200 }, signal }) })
  const write = can(me, 'organisation.write')
  return (
    <section aria-label={t('employer.organisations')}>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <h2 className="text-xl font-bold">{t('employer.organisations')}</h2>
        {write && (
          <Button icon="plus" className="ms-auto" onClick={() => setOpen('new')}>
            {t('employer.addOrganisation')}
          </Button>
        )}
      </div>
      {q.isError ? (
        <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
      ) : q.isPending ? (
        <Loading>
          <Skeleton className="h-24 rounded-card" />
        </Loading>
      ) : q.data.items.length === 0 ? (
        <Empty icon="people" title={t('employer.none')} />
      ) : (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {q.data.items.map((o) => (
            <li key={o.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
              <bdi className="min-w-40 flex-1 font-semibold">{o.name}</bdi>
              <span className="figures text-sm text-muted">{t('employer.membersOf', { count: o.members ?? 0, n: f.n(o.members ?? 0) })}</span>
              {write && (
                <Button aria-label={t('managers.of', { name: o.name })} onClick={() => (setAdding(false), setOpen(o))}>
                  {t('managers.title')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {open === 'new' && <NewOrganisation onClose={() => setOpen(null)} />}
      {open !== null && open !== 'new' && !adding && <Managers company={open} onAdd={() => setAdding(true)} onClose={() => setOpen(null)} />}
      {open !== null && open !== 'new' && adding && <NewManager company={open} onClose={() => setAdding(false)} />}
    </section>
  )
}

function NewOrganisation({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const [v, set] = useState({ name: '', legal_name: '', email: '' })
  const create = useAction(useCallback((body: typeof v, key: string) => http.post<Organisation>('/v1/organisations', { body, key }), [http]))
  const at = (pointer: string) => (isProblem(create.error) ? create.error.errors.find((x) => x.pointer === pointer)?.detail : undefined)
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (!(await create.act(v))) return
    void cache.invalidateQueries({ queryKey: ['organisations'] })
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('employer.addOrganisation')}>
      <form className="flex flex-col gap-4" onSubmit={(e) => void submit(e)}>
        <Field label={t('admin.name')} value={v.name} onChange={(e) => set({ ...v, name: e.target.value })} error={at('/name')} required maxLength={120} />
        <Field label={t('employer.legalName')} value={v.legal_name} onChange={(e) => set({ ...v, legal_name: e.target.value })} error={at('/legal_name')} maxLength={200} />
        <Field label={t('employer.billingEmail')} type="email" value={v.email} onChange={(e) => set({ ...v, email: e.target.value })} error={at('/email')} />
        {create.error !== null && <ErrorNote error={create.error} />}
        <Button kind="primary" size="lg" type="submit" busy={create.busy}>
          {t('employer.addOrganisation')}
        </Button>
      </form>
    </Sheet>
  )
}

type Invited = { email: string; name: string; password: string }

/** Who has no account yet gets one: the role by itself opens nothing until a unit goes with it. */
function NewManager({ company, onClose }: { company: Organisation; onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const [v, set] = useState<Invited>({ email: '', name: '', password: '' })
  const [unknown, setUnknown] = useState(false)
  const name = useCallback((email: string, key: string) => http.post(`/v1/organisations/${company.id}/managers`, { body: { email, unit: company.id }, key }), [http, company.id])
  const invite = useAction(
    useCallback(
      async (x: Invited, key: string) => {
        if (x.name) await http.post<User>('/v1/users', { body: { email: x.email, name: x.name, password: x.password, roles: ['manager'] }, key: `${key}-account` })
        return (await name(x.email, key)) ?? true
      },
      [http, name],
    ),
  )
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (await invite.act(v)) {
      for (const of of ['users', 'managers']) void cache.invalidateQueries({ queryKey: [of] })
      onClose()
    }
  }
  const missing = unknown || (isProblem(invite.error) && invite.error.code === 'manager_unknown')
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('employer.addManager')} description={company.name}>
      <form className="flex flex-col gap-4" onSubmit={(e) => void (setUnknown(missing), submit(e))}>
        <Field label={t('signin.email')} type="email" value={v.email} onChange={(e) => set({ ...v, email: e.target.value })} required autoComplete="off" />
        {missing && (
          <>
            <Field label={t('admin.name')} value={v.name} onChange={(e) => set({ ...v, name: e.target.value })} required autoComplete="off" />
            <Field label={t('signin.password')} type="password" value={v.password} onChange={(e) => set({ ...v, password: e.target.value })} required autoComplete="new-password" />
          </>
        )}
        {invite.error !== null && <ErrorNote error={invite.error} />}
        <Button kind="primary" size="lg" type="submit" busy={invite.busy}>
          {t('employer.addManager')}
        </Button>
      </form>
    </Sheet>
  )
}
