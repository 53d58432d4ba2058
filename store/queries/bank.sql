-- name: BankImportAdd :exec
insert into bank_import (tenant_id, id, account, file_name, lines, fresh, made_by) values
  (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(account), sqlc.arg(file_name), sqlc.arg(lines), sqlc.arg(fresh), sqlc.arg(made_by));

-- name: BankLinesKnown :many
select fingerprint from bank_line where tenant_id = sqlc.arg(tenant_id) and account = sqlc.arg(account) and fingerprint = any(sqlc.arg(prints)::bytea[]);

-- name: BankLineAdd :execrows
insert into bank_line (tenant_id, id, import_id, account, fingerprint, booked, amount, currency, payer, says, reference)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(import_id), sqlc.arg(account), sqlc.arg(fingerprint), sqlc.arg(booked), sqlc.arg(amount), sqlc.arg(currency),
  sqlc.arg(payer), sqlc.arg(says), sqlc.arg(reference))
on conflict on constraint bank_line_once do nothing;

-- name: BankLineGet :one
select * from bank_line where tenant_id = $1 and id = $2;

-- name: BankLinesOpen :many
select * from bank_line where tenant_id = sqlc.arg(tenant_id) and matched < amount and (booked, id) > (sqlc.arg(after_booked)::date, sqlc.arg(after_id)::uuid)
order by booked, id limit sqlc.arg(max_rows);

-- name: ReceiptAdd :exec
insert into receipt (tenant_id, id, bank_line_id, invoice_id, amount, how, made_by)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(bank_line_id), sqlc.arg(invoice_id), sqlc.arg(amount), sqlc.arg(how), sqlc.arg(made_by));
