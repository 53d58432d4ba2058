-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- A name as people type it into a search box, of which they type any part: without case, accents and Arabic's optional signs (dispatch/gtfs folds stops so,
-- where they are imported). Unicode takes letters apart, and their marks are left out; what it leaves whole of Latin is named here.
create function folded(name text) returns text language sql immutable parallel safe as $f$
  select case when octet_length(name) = length(name) then lower(name) -- nothing to take apart: that costs a tenth
    else replace(replace(lower(translate(regexp_replace(normalize(name, NFKD), '[\u0300-\u036F\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06ED]', '', 'g'),
      'ىة’ŁłØøĐđıŒÆ', 'يه''llooddiœæ')), 'œ', 'oe'), 'æ', 'ae') end
$f$;
-- +goose StatementEnd

-- +goose Down
select 1;
