import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../api/problem'
import type { User } from '../api/types'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Field, Select } from '../design/Field'
import { Sheet } from '../design/Sheet'
import { builtIn, useRoleName } from './roles'

type Draft = { name: string; email: string; password: string; roles: string[] }

export function NewUser({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const role = useRoleName()
  const [draft, setDraft] = useState<Draft>({ name: '', email: '', password: '', roles: ['rider'] })
  const create = useAction(useCallback((v: Draft, key: string) => http.post<User>('/v1/users', { body: v, key }), [http]))
  const at = (pointer: string) => (isProblem(create.error) ? create.error.errors.find((x) => x.pointer === pointer)?.detail : undefined)
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (!(await create.act(draft))) return
    void cache.invalidateQueries({ queryKey: ['users'] })
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('admin.add')}>
      <form className="flex flex-col gap-4" onSubmit={(e) => void submit(e)}>
        <Field label={t('admin.name')} value={draft.name} onChange={(e) => setDraft({ ...draft, name: e.target.value })} error={at('/name')} required autoComplete="off" />
        <Field label={t('signin.email')} type="email" value={draft.email} onChange={(e) => setDraft({ ...draft, email: e.target.value })} error={at('/email')} required autoComplete="off" />
        <Field label={t('signin.password')} type="password" value={draft.password} onChange={(e) => setDraft({ ...draft, password: e.target.value })} error={at('/password')} required autoComplete="new-password" />
        <Select label={t('admin.role')} value={draft.roles[0]} onChange={(e) => setDraft({ ...draft, roles: [e.target.value] })}>
          {builtIn.map((r) => (
            <option key={r} value={r}>
              {role(r)}
            </option>
          ))}
        </Select>
        {create.error !== null && <ErrorNote error={create.error} />}
        <Button kind="primary" size="lg" type="submit" busy={create.busy}>
          {t('admin.create')}
        </Button>
      </form>
    </Sheet>
  )
}
