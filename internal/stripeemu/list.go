package stripeemu

import (
	"strconv"
	"strings"
)

// expand puts objects where ids were asked to be more: one level deep, and the refunds of a charge below that.
func (q *request) expand(o object) object {
	o, _ = clone(o).(object)
	for p, v := range q.params {
		if !strings.HasPrefix(p, "expand[") {
			continue
		}
		name, many := strings.CutPrefix(v[0], "data.")
		if !many {
			q.inline(o, name)
			continue
		}
		rows, _ := o["data"].([]any)
		for _, row := range rows {
			if r, ok := row.(object); ok {
				q.inline(r, name)
			}
		}
	}
	return o
}

func (q *request) inline(o object, name string) {
	name, below, _ := strings.Cut(name, ".")
	if full := q.objects[o.text(name)]; full != nil {
		o[name] = clone(full)
	}
	if in := o.sub(name); below == "refunds" && in.text("object") == "charge" {
		in["refunds"] = q.refundsOf(in.id())
	}
}

// refundsOf is the newest ten of a charge's refunds, as they come with it.
func (q *request) refundsOf(charge string) object {
	data, more := []any{}, false
	for _, r := range q.all("refund", q.account, func(r object) bool { return r.text("charge") == charge }) {
		if more = len(data) == 10; more {
			break
		}
		data = append(data, clone(r))
	}
	return object{"object": "list", "data": data, "has_more": more, "url": "/v1/charges/" + charge + "/refunds"}
}

// list is a page of a kind's objects, newest first.
func (q *request) list(kind string, keep func(object) bool) (object, *failure) {
	limit, after := 10, q.str("starting_after")
	if s := q.str("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 100 {
			return nil, invalid("parameter_invalid_integer", "limit", "1 to 100")
		}
		limit = n
	}
	bound := func(name string) int64 { n, _ := strconv.ParseInt(q.str("created["+name+"]"), 10, 64); return n }
	data, more, started := []any{}, false, after == ""
	for _, o := range q.all(kind, q.account, keep) {
		if at := o.int("created"); at < bound("gte") || bound("lte") > 0 && at > bound("lte") {
			continue
		}
		if !started {
			started = o.id() == after
			continue
		}
		if more = len(data) == limit; more {
			break
		}
		data = append(data, o)
	}
	return object{"object": "list", "data": data, "has_more": more, "url": q.http.URL.Path}, nil
}
