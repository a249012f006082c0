package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
	"k8s.io/utils/ptr"
)

const (
	reads  = "reads"
	typed  = "typed\n"
	script = `echo begun; while read line; do echo "got $line"; done; sleep 1000`
)

// reaching reaches into a Pod that runs and one that has ended, takes it away, and asks for tokens.
func (p *program) reaching(ctx context.Context) {
	pods := p.typed.CoreV1().Pods(p.namespace)
	for _, name := range []string{reads, "ended"} {
		spec := podSpec("true")
		if name == reads {
			spec = podSpec(script)
			spec.Containers[0].Stdin = true
		}
		spec.TerminationGracePeriodSeconds = ptr.To[int64](1)
		made := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"reached": name}}, Spec: spec}
		p.do("create the Pod "+name, func() (any, error) { return nil, p.begun(ctx, pods, made) })
	}
	p.programs(ctx)
	p.do("be attached", func() (any, error) { return p.attached(ctx) })
	p.debuggers(ctx, pods)
	p.evictions(ctx, pods)
	p.tokens(ctx)
}

// begun creates a Pod and waits until it runs or has ended.
func (p *program) begun(ctx context.Context, pods typedcore.PodInterface, pod *corev1.Pod) error {
	made, err := pods.Create(ctx, pod, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	wanted := corev1.PodRunning
	if pod.Name == "ended" {
		wanted = corev1.PodSucceeded
	}
	found, err := pods.Watch(ctx, metav1.ListOptions{
		FieldSelector: "metadata.name=" + pod.Name, ResourceVersion: made.ResourceVersion,
	})
	return until(ctx, found, err, func(event watch.Event) bool {
		seen, _ := event.Object.(*corev1.Pod)
		return seen != nil && seen.Status.Phase == wanted
	})
}

// programs executes programs: one for each way of its streams, its end and its refusal.
func (p *program) programs(ctx context.Context) {
	for _, one := range []struct {
		step, pod, container, stdin string
		terminal                    bool
		command                     []string
	}{
		{step: "execute a program", command: []string{"sh", "-c", "echo out; echo err >&2"}},
		{step: "execute one that fails", command: []string{"sh", "-c", "exit 3"}},
		{step: "execute one that reads", stdin: typed, command: []string{"cat"}},
		{step: "execute one in a terminal", terminal: true, command: []string{"sh", "-c", "test -t 0 && echo terminal"}},
		{step: "execute in no container", container: "none", command: []string{"true"}},
		{step: "execute in a Pod that has ended", pod: "ended", command: []string{"true"}},
		{step: "execute in no Pod", pod: "none", command: []string{"true"}},
	} {
		name := one.pod
		if name == "" {
			name = reads
		}
		options := &corev1.PodExecOptions{
			Container: one.container, Command: one.command, Stdin: one.stdin != "", Stdout: true,
			Stderr: !one.terminal, TTY: one.terminal,
		}
		p.do(one.step, func() (any, error) { return p.executed(ctx, name, options, one.stdin) })
	}
}

// executed runs a program; what it has written, and its exit code.
func (p *program) executed(ctx context.Context, pod string, options *corev1.PodExecOptions, stdin string) (any, error) {
	var out, problems bytes.Buffer
	streams := remotecommand.StreamOptions{Stdout: &out, Tty: options.TTY}
	if options.Stdin {
		streams.Stdin = strings.NewReader(stdin)
	}
	if options.Stderr {
		streams.Stderr = &problems
	}
	if options.TTY {
		streams.TerminalSizeQueue = &once{size: &remotecommand.TerminalSize{Width: 81, Height: 25}}
	}
	err := p.streamed(ctx, pod, "exec", options, streams)
	code := 0
	var ended exec.CodeExitError
	if errors.As(err, &ended) {
		code, err = ended.Code, nil
	}
	return []any{out.String(), problems.String(), code}, err
}

// attached types a line into the container that runs; what it answers. The stream ends with the container.
func (p *program) attached(ctx context.Context) (any, error) {
	reader, writer := io.Pipe()
	go func() {
		options := &corev1.PodAttachOptions{Stdin: true, Stdout: true}
		streams := remotecommand.StreamOptions{Stdin: strings.NewReader(typed), Stdout: writer}
		writer.CloseWithError(p.streamed(ctx, reads, "attach", options, streams))
	}()
	return bufio.NewReader(reader).ReadString('\n')
}

func (p *program) streamed(ctx context.Context, pod, how string, options runtime.Object, streams remotecommand.StreamOptions) error {
	request := p.typed.CoreV1().RESTClient().Get().Namespace(p.namespace).Resource("pods").Name(pod).SubResource(how)
	request.VersionedParams(options, scheme.ParameterCodec)
	executor, err := remotecommand.NewWebSocketExecutor(p.config, "GET", request.URL().String())
	if err != nil {
		return err
	}
	return executor.StreamWithContext(ctx, streams)
}

// once is a terminal whose size is told once.
type once struct{ size *remotecommand.TerminalSize }

func (o *once) Next() *remotecommand.TerminalSize {
	size := o.size
	o.size = nil
	return size
}

// debuggers adds ephemeral containers to Pods.
func (p *program) debuggers(ctx context.Context, pods typedcore.PodInterface) {
	for _, name := range []string{reads, "ended", "none"} {
		p.do("debug the Pod "+name, func() (any, error) {
			added := corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
				Name: "debugger", Image: "busybox:1.36", Command: []string{"true"},
			}}
			pod, err := pods.Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return nil, err
			}
			pod.Spec.EphemeralContainers = append(pod.Spec.EphemeralContainers, added)
			pod, err = pods.UpdateEphemeralContainers(ctx, name, pod, metav1.UpdateOptions{})
			if err != nil {
				return nil, err
			}
			return pod.Spec.EphemeralContainers, nil
		})
	}
}

// evictions evicts Pods, with a budget that forbids it and without one.
func (p *program) evictions(ctx context.Context, pods typedcore.PodInterface) {
	budgets := p.typed.PolicyV1().PodDisruptionBudgets(p.namespace)
	evict := func(name string, options *metav1.DeleteOptions) func() (any, error) {
		return func() (any, error) {
			meta := metav1.ObjectMeta{Name: name, Namespace: p.namespace}
			return nil, pods.EvictV1(ctx, &policyv1.Eviction{ObjectMeta: meta, DeleteOptions: options})
		}
	}
	p.do("create a budget", func() (any, error) {
		selector := &metav1.LabelSelector{MatchLabels: map[string]string{"reached": reads}}
		spec := policyv1.PodDisruptionBudgetSpec{Selector: selector, MinAvailable: ptr.To(intstr.FromInt32(1))}
		made := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Name: "b"}, Spec: spec}
		found, err := budgets.Create(ctx, made, metav1.CreateOptions{})
		if err != nil {
			return nil, err
		}
		watched, err := budgets.Watch(ctx, metav1.ListOptions{ResourceVersion: found.ResourceVersion})
		err = until(ctx, watched, err, func(event watch.Event) bool {
			seen, _ := event.Object.(*policyv1.PodDisruptionBudget)
			return seen != nil && seen.Status.ObservedGeneration == 1 && seen.Status.ExpectedPods == 1
		})
		return found.Spec, err
	})
	p.do("evict what a budget holds", evict(reads, nil))
	p.do("delete the budget", func() (any, error) { return nil, budgets.Delete(ctx, "b", metav1.DeleteOptions{}) })
	p.do("evict by dry run", evict(reads, &metav1.DeleteOptions{DryRun: dryRun}))
	p.do("evict another", evict(reads, &metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions("other")}))
	p.do("evict", evict(reads, &metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](1)}))
	p.do("evict a Pod that has ended", evict("ended", nil))
	p.do("evict a Pod that is not there", evict("none", nil))
}

// tokens asks for tokens of a ServiceAccount, and has one reviewed.
func (p *program) tokens(ctx context.Context) {
	accounts := p.typed.CoreV1().ServiceAccounts(p.namespace)
	ask := func(name string, spec authenticationv1.TokenRequestSpec) (*authenticationv1.TokenRequest, error) {
		return accounts.CreateToken(ctx, name, &authenticationv1.TokenRequest{Spec: spec}, metav1.CreateOptions{})
	}
	for _, one := range []struct {
		step, account string
		spec          authenticationv1.TokenRequestSpec
	}{
		{"ask for a token", "default", authenticationv1.TokenRequestSpec{}},
		{"ask for a token for another", "default", authenticationv1.TokenRequestSpec{Audiences: []string{"vault"}, ExpirationSeconds: ptr.To[int64](900)}},
		{"ask for a short token", "default", authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To[int64](1)}},
		{"ask for a token of no Pod", "default", authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: "none"}}},
		{"ask for a token of nobody", "none", authenticationv1.TokenRequestSpec{}},
	} {
		p.do(one.step, func() (any, error) {
			found, err := ask(one.account, one.spec)
			if err != nil {
				return nil, err
			}
			return []any{found.Spec, strings.Count(found.Status.Token, ".")}, nil
		})
	}
	p.do("review a token", func() (any, error) {
		found, err := ask("default", authenticationv1.TokenRequestSpec{Audiences: []string{"vault"}})
		if err != nil {
			return nil, err
		}
		spec := authenticationv1.TokenReviewSpec{Token: found.Status.Token, Audiences: []string{"vault", "other"}}
		review, err := p.typed.AuthenticationV1().TokenReviews().Create(ctx, &authenticationv1.TokenReview{Spec: spec}, metav1.CreateOptions{})
		if err != nil {
			return nil, err
		}
		return []any{review.Status.Authenticated, review.Status.User.Username, review.Status.User.Groups, review.Status.Audiences}, nil
	})
}
