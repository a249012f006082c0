// The Go client of tests/clients: what client-go sends by default, step by step.
//
//	clients NAMESPACE [FILE]
//
// It prints a line of JSON for each step, with the name of the step and what the API server answered.
// The namespace has to be there and empty. Where a file is given, the requests that have a body are
// written to it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/transport"
)

const (
	patience = 90 * time.Second
	pause    = 100 * time.Millisecond
)

// program is what all steps use.
type program struct {
	namespace string
	config    *rest.Config
	typed     kubernetes.Interface
	dynamic   dynamic.Interface
	metadata  metadata.Interface
	step      string
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) < 1 || len(arguments) > 2 {
		return errors.New("usage: clients NAMESPACE [FILE]")
	}
	p := &program{namespace: arguments[0]}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return err
	}
	config.QPS = -1
	p.config = config
	var kept *recorder
	if len(arguments) == 2 {
		kept = &recorder{step: &p.step}
		config.WrapTransport = transport.Wrappers(config.WrapTransport, func(next http.RoundTripper) http.RoundTripper {
			// the clients of one configuration share a transport, and so the recorder
			kept.next = next
			return kept
		})
	}
	if p.typed, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	if p.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return err
	}
	if p.metadata, err = metadata.NewForConfig(config); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	p.jobs(ctx)
	p.deletions(ctx)
	p.others(ctx)
	p.reaching(ctx)
	p.groups(ctx)
	p.untyped(ctx)
	if kept != nil {
		return kept.write(arguments[1])
	}
	return nil
}

// said prints what a step was answered: a value, or the refusal.
func (p *program) said(step string, value any, err error) {
	answer := map[string]any{"step": step}
	var refused apierrors.APIStatus
	switch {
	case errors.As(err, &refused):
		status := refused.Status()
		answer["refused"] = map[string]any{
			"code": status.Code, "reason": status.Reason, "message": status.Message, "details": status.Details,
		}
	case err != nil:
		answer["failed"] = err.Error()
	default:
		answer["value"] = compared(value)
	}
	line, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

// compared is a value as JSON data, without what no two clusters have in common.
func compared(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	var data any
	if err := json.Unmarshal(text, &data); err != nil {
		panic(err)
	}
	return without(data, "managedFields", "resourceVersion")
}

func without(data any, names ...string) any {
	switch found := data.(type) {
	case map[string]any:
		for _, name := range names {
			delete(found, name)
		}
		for name, value := range found {
			found[name] = without(value, names...)
		}
	case []any:
		for index, value := range found {
			found[index] = without(value, names...)
		}
	}
	return data
}

// do runs a step and prints what it was answered.
func (p *program) do(step string, call func() (any, error)) {
	p.step = step
	value, err := call()
	p.said(step, value, err)
}

// until watches until a function says that it has seen enough.
func until(ctx context.Context, found watch.Interface, err error, enough func(watch.Event) bool) error {
	if err != nil {
		return err
	}
	defer found.Stop()
	timeout := time.After(patience)
	for {
		select {
		case event, open := <-found.ResultChan():
			if !open {
				return errors.New("the watch has ended")
			}
			if event.Type == watch.Error {
				return apierrors.FromObject(event.Object)
			}
			if enough(event) {
				return nil
			}
		case <-timeout:
			return errors.New("nothing more was seen")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// job is a Job whose one Pod prints a line.
func job(name string, labels map[string]string) *batchv1.Job {
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec:       batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: podSpec("echo hello; echo again")}},
	}
}

func podSpec(script string) corev1.PodSpec {
	return corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever,
		Containers: []corev1.Container{{
			Name: "main", Image: "busybox:1.36", Command: []string{"sh", "-c", script},
		}},
	}
}
