//! Spans for an OpenTelemetry collector: one for each request and one for each hand-over. None holds a recipient or a code.

use opentelemetry::{
    propagation::TextMapPropagator,
    trace::{Status, TraceContextExt, TracerProvider},
};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{SdkTracerProvider, Tracer},
};
use poem::http::{HeaderMap, StatusCode};
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::{
    Layer,
    filter::{FilterExt, Targets, filter_fn},
    registry::LookupSpan,
};

use super::AppError;
use crate::{
    channel::otlp::Collector,
    config::Trace,
    http::request_id::{Answered, Observer},
    metrics::Metrics,
};

/// The exporter, which keeps spans for a second or so before it sends them.
pub struct Spans(SdkTracerProvider);

impl Spans {
    /// Inside the runtime; `None` without an address.
    pub(super) fn exporter(settings: &Trace) -> Result<Option<Self>, AppError> {
        let Some(base) = &settings.otlp_endpoint else { return Ok(None) };
        let unusable = || AppError::Trace;
        let endpoint = format!("{}/v1/traces", base.trim_end_matches('/'));
        let exporter = SpanExporter::builder().with_http().with_http_client(Collector::new().ok_or_else(unusable)?);
        let exporter = exporter.with_endpoint(endpoint).build().map_err(|_| unusable())?;
        let resource = Resource::builder().with_service_name("verifyd").build();
        Ok(Some(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())))
    }

    /// Takes our own spans, whatever the log's level is, and nothing that is logged inside them.
    pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let ours = Targets::new().with_target("verifyd", Level::DEBUG);
        let layer: OpenTelemetryLayer<S, Tracer> = tracing_opentelemetry::layer().with_tracer(self.0.tracer("verifyd"));
        let layer = layer.with_location(false).with_threads(false).with_tracked_inactivity(false).with_target(false);
        layer.with_filter(ours.and(filter_fn(|what| !what.is_event())))
    }

    /// Sends what is left, within five seconds.
    pub async fn flush(self) {
        let flushed = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            tracing::warn!("the last spans did not reach the collector");
        }
    }
}

/// What becomes of every request: numbers, and spans where somebody wants them.
pub(super) struct Watch {
    pub(super) metrics: std::sync::Arc<Metrics>,
    pub(super) spans: bool,
}

impl Observer for Watch {
    fn begins(&self, span: &Span, headers: &HeaderMap) -> bool {
        if self.spans {
            span.record("otel.kind", "server");
            let caller = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
            if caller.span().span_context().is_valid() {
                let _ = span.set_parent(caller); // it is too late for a span that has begun, and this one has not
            }
        }
        self.spans
    }

    fn answered(&self, span: &Span, answered: &Answered) {
        self.metrics.answered(answered.operation, answered.status.as_u16(), answered.latency);
        if self.spans && answered.status >= StatusCode::INTERNAL_SERVER_ERROR {
            span.set_status(Status::error(""));
        }
    }
}
