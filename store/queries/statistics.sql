-- name: StatisticsRefresh :exec
select refresh_statistics(sqlc.arg(first)::date, sqlc.arg(last)::date);
