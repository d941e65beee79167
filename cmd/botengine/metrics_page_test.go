package main

import (
	"io"
	"testing"

	"botengine/internal/app"
	"botengine/internal/metrics"
)

func TestGeneratedMetricsPage(t *testing.T) {
	freshPage(t, "metrics.md", func(w io.Writer) error {
		_, err := io.WriteString(w, metrics.Documentation(app.MetricLabels()))
		return err
	})
}
