import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { User } from '../api/types'
import { useAction } from '../app/action'
import { can, useFormats, useHttp, useMe } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Chip, ErrorNote } from '../design/feedback'
import { useRoleName } from './roles'

export function UserRow({ user: u }: { user: User }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const cache = useQueryClient()
  const role = useRoleName()
  const change = useAction(useCallback((v: { disabled: boolean }, key: string) => http.patch<User>(`/v1/users/${u.id}`, { body: v, key }), [http, u.id]))
  return (
    <li className="px-4 py-2.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className={cx('min-w-48 flex-1', u.disabled && 'text-muted line-through')}>
          <bdi className="block font-semibold">{u.name}</bdi>
          <bdi className="block text-sm text-muted">{u.email}</bdi>
        </span>
        {(u.connections ?? 0) > 0 && (
          <span className="flex items-center gap-1.5 text-sm text-muted">
            <span aria-hidden className="size-2 rounded-full bg-good" />
            {t('admin.connected')}
            {u.connections! > 1 && <bdi className="figures">· {f.n(u.connections!)}</bdi>}
          </span>
        )}
        <span className="flex flex-wrap gap-1">
          {u.roles.map((r) => (
            <Chip key={r} tone="brand">
              {role(r)}
            </Chip>
          ))}
        </span>
        {can(me, 'user.write') && u.id !== me.id && (
          <Button size="sm" className="min-h-9" busy={change.busy} onClick={() => void change.act({ disabled: !u.disabled }).then((r) => r && cache.invalidateQueries({ queryKey: ['users'] }))}>
            {u.disabled ? t('admin.enable') : t('admin.disable')}
          </Button>
        )}
      </div>
      {change.error !== null && <ErrorNote className="mt-2" error={change.error} />}
    </li>
  )
}
