#include "platform/http/curl_error.h"

#include <gtest/gtest.h>

#include "platform/http/curl_api.h"

namespace seshat::http {
namespace {

TEST(CurlError, Table) {
  struct Row {
    int code;
    ErrorCode meaning;
    std::string_view says;
  };
  const Row rows[] = {
      {CURLE_COULDNT_RESOLVE_HOST, ErrorCode::kUnavailable, "no address is known for 'store.lab'"},
      {CURLE_COULDNT_RESOLVE_PROXY, ErrorCode::kUnavailable, "the proxy"},
      {CURLE_COULDNT_CONNECT, ErrorCode::kUnavailable, "cannot connect to store.lab:9000"},
      {CURLE_OPERATION_TIMEDOUT, ErrorCode::kDeadlineExceeded, "did not answer in time"},
      {CURLE_PEER_FAILED_VERIFICATION, ErrorCode::kUnauthenticated, "give that authority's PEM file as ca_file"},
      {CURLE_SSL_CACERT_BADFILE, ErrorCode::kInvalidArgument, "check ca_file"},
      {CURLE_SSL_CONNECT_ERROR, ErrorCode::kUnavailable, "check that the server speaks TLS"},
      {CURLE_PARTIAL_FILE, ErrorCode::kUnavailable, "broke off in the middle"},
      {CURLE_GOT_NOTHING, ErrorCode::kUnavailable, "without an answer"},
      {CURLE_SEND_ERROR, ErrorCode::kUnavailable, "the connection to store.lab:9000 failed (why)"},
      {CURLE_RECV_ERROR, ErrorCode::kUnavailable, "the connection to store.lab:9000 failed (why)"},
      {CURLE_WEIRD_SERVER_REPLY, ErrorCode::kUnavailable, "failed (why)"},
      {CURLE_PROXY, ErrorCode::kUnavailable, "the proxy does not let us through"},
      {CURLE_OUT_OF_MEMORY, ErrorCode::kResourceExhausted, "failed (why)"},
      {CURLE_URL_MALFORMAT, ErrorCode::kInvalidArgument, "failed (why)"},
      {CURLE_FAILED_INIT, ErrorCode::kInternal, "failed (why)"},
  };
  for (const Row& row : rows) {
    const Error error = CurlError(row.code, "why", {true, "store.lab", 9000});
    EXPECT_EQ(error.code, row.meaning) << row.code;
    EXPECT_NE(error.message.find(row.says), std::string::npos) << error.message;
  }
}

TEST(CurlError, WithoutDetailLibcurlsOwnWordsStand) {
  EXPECT_NE(CurlError(CURLE_SEND_ERROR, "", {}).message.find(Curl().easy_strerror(CURLE_SEND_ERROR)),
            std::string::npos);
}

}  // namespace
}  // namespace seshat::http
