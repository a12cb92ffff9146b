#include "opensearch_lab.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>

#include "adapters/system/system_clock.h"
#include "platform/http/client.h"

namespace seshat::testing {

std::shared_ptr<http::Sender> MakePlainSender() {
  return http::MakeSender([] { return http::MakeClient({}); });
}

OpenSearchLab::OpenSearchLab(const std::string& url) {
  static std::atomic<int> labs = 0;
  static const auto clock = system::MakeSystemClock();
  options.origin = http::ParseUrl(url).value().origin;
  options.alias = fmt::format("t{}-{}", ::getpid(), ++labs);
  options.sender = MakePlainSender();
  options.clock = clock.get();
  // A machine that runs many tests may be slow; what happens when it is, the tests of outages say.
  options.search.timeout = std::chrono::seconds{30};
}

OpenSearchLab::~OpenSearchLab() {
  Ask("DELETE", "/" + options.alias + "-*");
  Ask("DELETE", "/_index_template/" + options.alias);
}

std::unique_ptr<MetadataStore> OpenSearchLab::Open() {
  return opensearch::MakeOpenSearchMetadataStore(options).value();
}

std::string OpenSearchLab::Ask(const std::string& method, const std::string& path, const std::string& body) {
  http::Request request{.method = method, .origin = options.origin, .path = path};
  if (const size_t mark = path.find('?'); mark != std::string::npos) {
    request.path = path.substr(0, mark);
    request.query = path.substr(mark + 1);
  }
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = http::Body::Of(body);
  auto outcome = options.sender->Send(std::move(request));
  return outcome.response ? outcome.response->body : outcome.response.error().ToString();
}

}  // namespace seshat::testing
