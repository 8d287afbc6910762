// Package tools names what dev/helm builds and reads beside the commands that go.mod lists: the types that the custom
// resources in the chart are of.
package tools

import (
	_ "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	_ "sigs.k8s.io/gateway-api/apis/v1"
)
