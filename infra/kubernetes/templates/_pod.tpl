{{/* The specification of a pod: dict root, name, kind, role, args, values. */}}
{{- define "newsquake.pod" -}}
{{- $root := .root -}}
{{- $own := .values -}}
{{- $pod := $root.Values.pod -}}
{{- $gpu := get $own "gpu" | default dict -}}
{{- $login := include "newsquake.login" . | fromYaml -}}
{{- $keys := (include "newsquake.podKeys" . | fromJson).keys -}}
{{- $settings := $root.Files.Get "files/secrets.json" | fromJsonArray -}}
{{- $ports := include "newsquake.ports" . | fromYaml -}}
{{- $image := merge (deepCopy (get $own "image" | default dict)) $root.Values.image -}}
serviceAccountName: {{ include "newsquake.fullname" $root }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ int (default $pod.terminationGracePeriodSeconds (get $own "terminationGracePeriodSeconds")) }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with default $pod.priorityClassName (get $own "priorityClassName") }}
priorityClassName: {{ . }}
{{- end }}
{{- with and $gpu.enabled $gpu.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with default (ternary $gpu.nodeSelector $pod.nodeSelector (eq (toString $gpu.enabled) "true")) (get $own "nodeSelector") }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with concat (default $pod.tolerations (get $own "tolerations")) (ternary $gpu.tolerations list (eq (toString $gpu.enabled) "true")) }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with default $pod.affinity (get $own "affinity") }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- if ne .kind "job" }}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "newsquake.selector" $root | nindent 8 }}
        app.kubernetes.io/component: {{ $.name }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
containers:
  - name: newsquake
    image: "{{ $image.repository }}:{{ default $root.Chart.AppVersion $image.tag }}"
    imagePullPolicy: {{ $image.pullPolicy }}
    args: {{ toJson .args }}
    envFrom:
      - configMapRef: {name: {{ include "newsquake.fullname" $root }}}
    env:
      - {name: XDG_CACHE_HOME, value: /cache}
      {{- if has .kind (list "dashboard" "job") }}
      - {name: NEWSQUAKE_METRICS__PORT, value: "0"}
      {{- end }}
      {{- range $key := $keys }}
      {{- if has $key $settings }}
      - name: NEWSQUAKE_{{ $key | replace "." "__" | upper }}_FILE
        value: /run/secrets/newsquake/{{ $key }}
      {{- end }}
      {{- end }}
      {{- with concat $login.env $pod.env (get $own "env" | default list) }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with $ports.ports }}
    ports: {{ toYaml . | nindent 6 }}
    {{- end }}
    {{- with $ports.probes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- if has .kind (list "dashboard" "intake") }}
    lifecycle:
      preStop: {sleep: {seconds: 5}}
    {{- end }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    resources:
      {{- $resources := deepCopy (get $own "resources" | default $pod.resources) }}
      {{- if $gpu.enabled }}
      {{- $_ := set $resources "limits" (merge (dict $gpu.resource (int $gpu.count)) (get $resources "limits" | default dict)) }}
      {{- end }}
      {{- toYaml $resources | nindent 6 }}
    volumeMounts:
      - {name: tmp, mountPath: /tmp}
      - {name: cache, mountPath: /cache}
      {{- if $keys }}
      - {name: secret, mountPath: /run/secrets/newsquake, readOnly: true}
      {{- end }}
      {{- with concat $login.mounts $pod.volumeMounts (get $own "volumeMounts" | default list) }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
  - name: cache
    emptyDir: {sizeLimit: {{ $root.Values.cache.size }}}
  {{- if $keys }}
  - name: secret
    secret:
      secretName: {{ include "newsquake.secret" $root }}
      defaultMode: 288
      items:
        {{- range $key := $keys }}
        - {key: {{ $key }}, path: {{ $key }}}
        {{- end }}
  {{- end }}
  {{- with concat $login.volumes $pod.volumes (get $own "volumes" | default list) }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* The ports and probes of a pod, as YAML. Kubernetes needs no token for /live and /ready. */}}
{{- define "newsquake.ports" -}}
{{- $settings := .root.Values.settings -}}
{{- $ports := list -}}{{- $probes := dict -}}
{{- if has .kind (list "agent" "source" "intake") -}}
{{- $ports = append $ports (dict "name" "metrics" "containerPort" (int $settings.metrics.port)) -}}
{{- $scheme := ternary "HTTPS" "HTTP" (not (empty (get $settings.metrics "cert_file"))) -}}
{{- $probes = include "newsquake.probes" (dict "port" "metrics" "scheme" $scheme "live" "/live" "ready" "/ready") | fromYaml -}}
{{- end -}}
{{- if eq .kind "intake" -}}
{{- $ports = append $ports (dict "name" "http" "containerPort" (int $settings.serve.port)) -}}
{{- end -}}
{{- if eq .kind "dashboard" -}}
{{- $ports = append $ports (dict "name" "http" "containerPort" (int $settings.dashboard.port)) -}}
{{- $scheme := ternary "HTTPS" "HTTP" (not (empty (get $settings.dashboard "cert_file"))) -}}
{{- $probes = include "newsquake.probes" (dict "port" "http" "scheme" $scheme "live" "/api/live" "ready" "/api/live") | fromYaml -}}
{{- end -}}
{{ dict "ports" $ports "probes" $probes | toYaml }}
{{- end -}}

{{/* A port answers within 5 s by itself and 3 s by Kafka. A model may take minutes to load. */}}
{{- define "newsquake.probes" -}}
startupProbe:
  httpGet: {path: {{ .live }}, port: {{ .port }}, scheme: {{ .scheme }}}
  periodSeconds: 5
  timeoutSeconds: 10
  failureThreshold: 120
livenessProbe:
  httpGet: {path: {{ .live }}, port: {{ .port }}, scheme: {{ .scheme }}}
  periodSeconds: 20
  timeoutSeconds: 10
  failureThreshold: 3
readinessProbe:
  httpGet: {path: {{ .ready }}, port: {{ .port }}, scheme: {{ .scheme }}}
  periodSeconds: 10
  timeoutSeconds: 10
  failureThreshold: 2
{{- end -}}
