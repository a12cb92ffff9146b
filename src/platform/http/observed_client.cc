#include "platform/http/observed_client.h"

#include <array>
#include <string_view>
#include <utility>

namespace seshat::http {
namespace {

constexpr MetricSpec kRequests{MetricSpec::Kind::kCounter, "seshat_http_requests_total",
                               "HTTP requests ended, by operation and outcome"};
constexpr MetricSpec kSeconds{MetricSpec::Kind::kHistogram, "seshat_http_request_seconds",
                              "Time from start to end of an HTTP request, all attempts together, by operation"};
constexpr MetricSpec kSent{MetricSpec::Kind::kCounter, "seshat_http_sent_bytes_total",
                           "Bytes of HTTP request bodies, by operation"};
constexpr MetricSpec kReceived{MetricSpec::Kind::kCounter, "seshat_http_received_bytes_total",
                               "Bytes of HTTP response bodies, by operation"};

std::string_view OutcomeName(const Outcome& outcome) {
  if (!outcome.response) return ErrorCodeName(outcome.response.error().code);
  constexpr std::array<std::string_view, 6> kClasses = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
  const int status = outcome.response->status;
  return kClasses[status >= 100 && status < 600 ? static_cast<size_t>(status / 100) : 0];
}

class ObservedClient : public Client {
 public:
  ObservedClient(std::unique_ptr<Client> inner, const Clock& clock, Logger* logger, Metrics* metrics)
      : inner_(std::move(inner)), clock_(clock), logger_(logger), metrics_(metrics) {}

  RequestId Start(Request request, Done done) override {
    return inner_->Start(std::move(request),
                         [this, begun = clock_.SteadyNow(), done = std::move(done)](Outcome outcome) mutable {
                           const std::chrono::duration<double> took = clock_.SteadyNow() - begun;
                           if (metrics_ != nullptr) Count(outcome, took.count());
                           if (logger_ != nullptr && logger_->Enabled(LogLevel::kTrace)) Say(outcome, took.count());
                           done(std::move(outcome));
                         });
  }
  void Cancel(RequestId id) override { inner_->Cancel(id); }
  void Resume(RequestId id) override { inner_->Resume(id); }
  void Poll(std::chrono::milliseconds timeout) override { inner_->Poll(timeout); }
  void Wake() override { inner_->Wake(); }
  size_t in_flight() const override { return inner_->in_flight(); }
  uint64_t throttled() const override { return inner_->throttled(); }

 private:
  void Count(const Outcome& outcome, double seconds) {
    const std::string& operation = outcome.request.operation;
    metrics_->Record(kRequests, 1, {{"operation", operation}, {"outcome", OutcomeName(outcome)}});
    metrics_->Record(kSeconds, seconds, {{"operation", operation}});
    const Exchange& exchange = outcome.exchange;
    if (exchange.bytes_sent > 0)
      metrics_->Record(kSent, static_cast<double>(exchange.bytes_sent), {{"operation", operation}});
    if (exchange.bytes_received > 0)
      metrics_->Record(kReceived, static_cast<double>(exchange.bytes_received), {{"operation", operation}});
  }

  void Say(const Outcome& outcome, double seconds) {
    const Request& request = outcome.request;
    const std::string host = request.origin.authority();
    const std::string_view error = outcome.response ? std::string_view() : outcome.response.error().message;
    const std::array<LogField, 10> fields = {{{"operation", request.operation},
                                              {"method", request.method},
                                              {"host", host},
                                              {"path", request.path},
                                              {"status", outcome.response ? outcome.response->status : 0},
                                              {"seconds", seconds},
                                              {"attempts", outcome.exchange.attempts},
                                              {"sent_bytes", outcome.exchange.bytes_sent},
                                              {"received_bytes", outcome.exchange.bytes_received},
                                              {"error", error}}};
    // The last one only where there is an error to tell.
    logger_->Log(LogLevel::kTrace, "http request",
                 std::span(fields).first(outcome.response ? fields.size() - 1 : fields.size()));
  }

  std::unique_ptr<Client> inner_;
  const Clock& clock_;
  Logger* logger_;
  Metrics* metrics_;
};

}  // namespace

std::unique_ptr<Client> MakeObservedClient(std::unique_ptr<Client> inner, const Clock& clock, Logger* logger,
                                           Metrics* metrics) {
  return std::make_unique<ObservedClient>(std::move(inner), clock, logger, metrics);
}

}  // namespace seshat::http
