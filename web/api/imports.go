package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/web/rest"
)

// Import is a feed that was imported. One with errors changes nothing and is not listed.
type Import struct {
	ID        uuid.UUID      `json:"id" format:"uuid" example:"0190b7a6-7777-7abc-8def-0123456789ab"`
	Source    string         `json:"source" example:"gtfs" doc:"Names the feed among the operator's"`
	Version   string         `json:"version,omitempty" example:"2026-11"`
	State     string         `json:"state" enum:"applied" example:"applied"`
	At        time.Time      `json:"finished_at" example:"2026-11-22T21:04:11Z"`
	By        *uuid.UUID     `json:"by,omitempty" format:"uuid" example:"0190b7a6-2222-7abc-8def-0123456789ab" doc:"Absent: by hand on the server"`
	Days      int16          `json:"days" example:"7" doc:"For how many days trips are kept ready"`
	ShiftDays int32          `json:"shift_days" example:"0" doc:"By how many days its calendars were moved"`
	Errors    int            `json:"errors" example:"0"`
	Warnings  int            `json:"warnings" example:"3"`
	Counts    map[string]int `json:"counts" example:"{\"lines\":6,\"stops\":48}"`
	Notices   []Notice       `json:"notices"`
}

// Notice is a problem of a feed, named as the canonical GTFS validator names it.
type Notice struct {
	Name     string `json:"name" example:"expired_calendar"`
	Severity string `json:"severity" enum:"ERROR,WARNING,INFO" example:"WARNING"`
	File     string `json:"file,omitempty" example:"calendar.txt"`
	Row      int    `json:"row,omitempty" example:"2" doc:"The header is row 1; absent: the file as a whole"`
	Field    string `json:"field,omitempty" example:"end_date"`
	Value    string `json:"value,omitempty" example:"WEEKDAY"`
	Detail   string `json:"detail,omitempty" example:"ended on 2025-12-31"`
}

type askImports struct {
	Limit int `query:"limit" minimum:"1" maximum:"50" default:"10" example:"10"`
}

type imports struct {
	Items []Import `json:"items"`
}

// Imports is the feeds that were imported.
func Imports(d *dispatch.Desk) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "imports.list", rest.Doc{Summary: "List imports of feeds", About: "Newest first, with the problems that did not stop them."},
			func(ctx context.Context, in *askImports) (*rest.Answer[imports], error) {
				past, err := d.Imports(ctx, byOf(ctx).Tenant, in.Limit)
				if err != nil {
					return nil, err
				}
				out := imports{Items: make([]Import, len(past))}
				for i, p := range past {
					x := Import{ID: p.ID, Source: p.Source, Version: p.Version, State: "applied", At: p.At.UTC(), Days: p.Days, ShiftDays: p.ShiftDays}
					if p.By != uuid.Nil {
						x.By = &p.By
					}
					if err := json.Unmarshal(p.Counts, &x.Counts); err != nil {
						return nil, fmt.Errorf("api: counts of import %s: %w", p.ID, err)
					}
					if err := json.Unmarshal(p.Notices, &x.Notices); err != nil {
						return nil, fmt.Errorf("api: notices of import %s: %w", p.ID, err)
					}
					x.Errors, x.Warnings = x.Counts["errors"], x.Counts["warnings"]
					out.Items[i] = x
				}
				return rest.Say(out), nil
			})
	}
}
