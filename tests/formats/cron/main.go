// What robfig/cron, as Kubernetes uses it, says of schedules: tests/formats/capture_cron.py runs it.
//
// Each line on stdin is a JSON object: a schedule with times, or the name of a time zone. Each line
// on stdout says when the schedule is due next after each of them and how often it goes on from
// there, or what is wrong. Its own time zone is that of TZ.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

type question struct {
	Schedule string      `json:"schedule"`
	From     []time.Time `json:"from"`
	Count    int         `json:"count"`
	Zone     *string     `json:"zone"`
}

type answer struct {
	Error string     `json:"error,omitempty"`
	Next  [][]string `json:"next,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := out.Encode(answered(asked)); err != nil {
			panic(err)
		}
	}
}

func answered(asked question) answer {
	if asked.Zone != nil {
		if _, err := time.LoadLocation(*asked.Zone); err != nil {
			return answer{Error: err.Error()}
		}
		return answer{}
	}
	schedule, err := parsed(asked.Schedule)
	if err != nil {
		return answer{Error: err.Error()}
	}
	found := answer{}
	for _, from := range asked.From {
		row := []string{}
		for at := schedule.Next(from.Local()); len(row) < asked.Count; at = schedule.Next(at) {
			if at.IsZero() {
				row = append(row, "")
				break
			}
			row = append(row, at.UTC().Format(time.RFC3339))
		}
		found.Next = append(found.Next, row)
	}
	return found
}

// parsed is ParseCronScheduleWithPanicRecovery of Kubernetes' pkg/util/parsers.
func parsed(text string) (schedule cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			schedule = nil
			err = fmt.Errorf("invalid schedule format: %v", r)
		}
	}()
	return cron.ParseStandard(text)
}
