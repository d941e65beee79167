package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"botengine/internal/terminal"
	"botengine/internal/yjiyun/rest"
)

// shown makes what people wrote harmless for the terminal.
func shown(s string) string { return terminal.Visible(s) }

// outputFlags say how a list is written.
type outputFlags struct {
	format string
	limit  int
	mark   bool
}

// add adds the flags of a list.
func (f *outputFlags) add(c *cli, cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.format, "output", "o", "text", "text | json | csv")
	flags.IntVar(&f.limit, "limit", 0, c.say("最多几条；0 为全部", "at most so many; 0 for all"))
	flags.BoolVar(&f.mark, "bom", false, c.say("CSV 开头写 BOM，Excel 才能正确显示中文", "begin CSV with a byte order mark, so that Excel reads Chinese"))
}

// check refuses flags that cannot be meant, before anything is asked.
func (f *outputFlags) check(c *cli) error {
	if _, err := terminal.ParseFormat(f.format); err != nil {
		return errors.New(c.say("-o 只能是 text、json 或 csv", "-o is text, json or csv"))
	}
	if f.limit < 0 {
		return errors.New(c.say("--limit 不能小于 0", "--limit can't be below 0"))
	}
	return nil
}

// style is how lists are written for this person.
func (c *cli) style(f outputFlags, empty string) terminal.Style {
	return terminal.Style{
		Format: terminal.Format(f.format), Yes: c.say("是", "yes"), No: c.say("否", "no"), Empty: empty, Mark: f.mark,
	}
}

// listing is a list to be fetched and written.
type listing[T any] struct {
	name    string // in JSON
	empty   string // what a table says when there is nothing
	columns []terminal.Column[T]
	extra   func(T) rest.Extra
	rows    func(rest.Walk) iter.Seq2[T, error]
}

// write fetches all rows, or as many as the limit says, and writes them. What was
// fetched before an interruption or an error is written, too; the list says that
// it is not complete, and the error follows.
func (l listing[T]) write(p *access, f outputFlags) error {
	rows, failure := l.fetch(p, f)
	if failure != nil && len(rows) == 0 {
		return p.explain(failure)
	}
	list := terminal.List[T]{Name: l.name, Columns: l.columns, Rows: rows, Complete: failure == nil}
	if l.extra != nil {
		list.Extra = func(row T) map[string]json.RawMessage { return l.extra(row) }
	}
	if f.limit > 0 && len(rows) > f.limit {
		list.Rows, list.Complete = rows[:f.limit], false
	}
	if err := list.Write(p.c.out, p.c.style(f, l.empty)); err != nil {
		return err
	}
	if failure != nil {
		return fmt.Errorf(p.c.say("只读到 %d 条：%w", "only %d were read: %w"), len(list.Rows), p.explain(failure))
	}
	return nil
}

// fetch follows all pages, and reads one row more than the limit: so it is known
// whether there are more.
func (l listing[T]) fetch(p *access, f outputFlags) (rows []T, failure error) {
	progress := p.c.progress()
	defer progress.End()
	walk := rest.Walk{Progress: func(done, total int) { progress.Say(p.c.howFar(done, total)) }}
	if f.limit > 0 {
		walk.Limit = f.limit + 1
	}
	for row, err := range l.rows(walk) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// howFar says how many rows have been read.
func (c *cli) howFar(done, total int) string {
	if bar := terminal.Share(done, total, 24); bar != "" {
		return fmt.Sprintf("%s %d/%d", bar, done, total)
	}
	return fmt.Sprintf(c.say("已读取 %d 条…", "%d read…"), done)
}

// progress is a line on the terminal, or nothing where there is none to see it.
func (c *cli) progress() *terminal.Progress {
	if c.quiet || !isTerminal(c.err) {
		return nil
	}
	return terminal.NewProgress(c.err)
}

// each is a list that is there at once.
func each[T any](all []T, err error) func(rest.Walk) iter.Seq2[T, error] {
	return func(rest.Walk) iter.Seq2[T, error] { return pairs(all, err) }
}

func pairs[T any](all []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}
