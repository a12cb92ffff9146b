#include "platform/http/curl_error.h"

#include <fmt/format.h>

#include "platform/http/curl_api.h"

namespace seshat::http {
namespace {

std::string Text(int code, std::string_view detail, const Origin& origin) {
  const std::string server = origin.authority();
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return fmt::format("no address is known for '{}': check its spelling and the name server", origin.host);
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "no address is known for the proxy: check its spelling and the name server";
    case CURLE_COULDNT_CONNECT:
      return fmt::format("cannot connect to {} ({}): check that it runs and that no firewall is between", server,
                         detail);
    case CURLE_OPERATION_TIMEDOUT:
      return fmt::format("{} did not answer in time ({})", server, detail);
    case CURLE_PEER_FAILED_VERIFICATION:
      return fmt::format(
          "the TLS certificate of {} is not trusted ({}): if a private certificate authority signed it, give that "
          "authority's PEM file as ca_file",
          server, detail);
    case CURLE_SSL_CACERT_BADFILE:
      return fmt::format("the file with the certificate authorities cannot be used ({}): check ca_file", detail);
    case CURLE_SSL_CONNECT_ERROR:
      return fmt::format("no TLS connection to {} ({}): check that the server speaks TLS on this port", server, detail);
    case CURLE_PARTIAL_FILE:
      return fmt::format("{} broke off in the middle of its answer", server);
    case CURLE_GOT_NOTHING:
      return fmt::format("{} closed the connection without an answer", server);
    case CURLE_PROXY:
      return fmt::format("the proxy does not let us through to {} ({})", server, detail);
    default:
      return fmt::format("the connection to {} failed ({})", server,
                         detail.empty() ? Curl().easy_strerror(static_cast<CURLcode>(code)) : detail);
  }
}

ErrorCode Code(int code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return ErrorCode::kDeadlineExceeded;
    case CURLE_PEER_FAILED_VERIFICATION:
      return ErrorCode::kUnauthenticated;
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
      return ErrorCode::kInvalidArgument;
    case CURLE_OUT_OF_MEMORY:
      return ErrorCode::kResourceExhausted;
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_NOT_BUILT_IN:
      return ErrorCode::kInternal;
    // Whatever else goes wrong between two machines may go right the next time.
    default:
      return ErrorCode::kUnavailable;
  }
}

}  // namespace

Error CurlError(int code, std::string_view detail, const Origin& origin) {
  return {Code(code), Text(code, detail, origin)};
}

}  // namespace seshat::http
