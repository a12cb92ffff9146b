#include "composition/open_opensearch.h"

#include <fmt/format.h>

#include <fstream>

#include "adapters/opensearch/opensearch_metadata_store.h"
#include "platform/http/client.h"
#include "platform/http/sender.h"

namespace seshat::composition {
namespace {

Error Wrong(std::string_view setting, std::string_view why) {
  return {ErrorCode::kInvalidArgument, fmt::format("{}: {}", setting, why)};
}

// Its first line: editors put a line feed behind it.
Result<Secret> ReadPassword(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line))
    return std::unexpected(Wrong("metadata.password_file", fmt::format("cannot read a password from '{}'", path)));
  if (line.ends_with('\r')) line.pop_back();
  return Secret(std::move(line));
}

Result<std::shared_ptr<http::Sender>> PlainSender(const Config& config) {
  const http::ClientOptions options{.ca_file = config.Text("metadata.ca_file")};
  // Made once here for its errors: later ones come where nobody expects them.
  if (auto made = http::MakeClient(options); !made)
    return std::unexpected(std::move(made.error()).WithContext("metadata.ca_file"));
  return http::MakeSender([options] { return http::MakeClient(options); });
}

Result<std::shared_ptr<http::Sender>> SigningSender(const Foundation& foundation) {
  SESHAT_ASSIGN(AwsAccess* const aws, foundation.aws->Get());
  SESHAT_ASSIGN(const auto service, aws->Service("es"));
  return service->MakeSender();
}

Status Authenticate(const Config& config, const Foundation& foundation, opensearch::OpenSearchOptions& options) {
  const auto& auth = config.Text("metadata.auth");
  if (auth == "aws") {
    SESHAT_ASSIGN(options.sender, SigningSender(foundation));
    return {};
  }
  SESHAT_ASSIGN(options.sender, PlainSender(config));
  if (auth != "basic") return {};
  options.user = config.Text("metadata.user");
  if (options.user.empty()) return std::unexpected(Wrong("metadata.user", "metadata.auth = \"basic\" needs a user"));
  if (options.user.find(':') != std::string::npos)
    return std::unexpected(Wrong("metadata.user", "a user's name cannot hold a ':'"));
  if (!options.origin.tls && options.origin.host != "127.0.0.1" && options.origin.host != "localhost")
    return std::unexpected(
        Wrong("metadata.auth", "a password is not sent without TLS: use opensearch+https:// in metadata.url"));
  SESHAT_ASSIGN(options.password, ReadPassword(config.Text("metadata.password_file")));
  return {};
}

}  // namespace

Result<std::unique_ptr<MetadataStore>> OpenOpenSearch(const Config& config, const Foundation& foundation,
                                                      const AdapterUrl& url) {
  // "opensearch+https" without what stands before the '+'.
  const auto parsed = http::ParseUrl(fmt::format("{}://{}", url.scheme.substr(url.scheme.find('+') + 1), url.rest));
  if (!parsed) return std::unexpected(Wrong("metadata.url", parsed.error().message));
  opensearch::OpenSearchOptions options;
  options.origin = parsed->origin;
  if (!parsed->query.empty()) return std::unexpected(Wrong("metadata.url", "nothing may stand behind a '?'"));
  if (parsed->path.size() > 1) options.alias = parsed->path.substr(1);
  options.clock = foundation.clock.get();
  SESHAT_TRY(Authenticate(config, foundation, options));
  auto store = opensearch::MakeOpenSearchMetadataStore(std::move(options));
  if (!store) return std::unexpected(std::move(store.error()).WithContext("metadata.url"));
  return store;
}

}  // namespace seshat::composition
