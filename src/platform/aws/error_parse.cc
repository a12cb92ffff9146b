// The three forms in which AWS services say what is wrong, and the headers that add to it.
#include <algorithm>
#include <pugixml.hpp>
#include <string>

#include "core/records/json_fields.h"
#include "platform/aws/error.h"

namespace seshat::aws {
namespace {

// Errors are short; a body that is not must not cost a parse.
constexpr size_t kMaxErrorBody = 256 << 10;

AwsError FromXml(std::string_view body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) return {};
  // S3: <Error>. Query protocols: <ErrorResponse><Error>…</Error><RequestId/></ErrorResponse>; EC2's and old SNS's
  // <Response><Errors><Error>.
  const pugi::xml_node root = document.document_element();
  pugi::xml_node error = root;
  if (std::string_view(root.name()) != "Error") {
    error = root.child("Error");
    if (!error) error = root.child("Errors").child("Error");
  }
  if (!error) return {};
  AwsError out;
  out.code = error.child_value("Code");
  out.message = error.child_value("Message");
  out.region = error.child_value("Region");
  for (const pugi::xml_node node : {error, root})
    for (const char* name : {"RequestId", "RequestID"})
      if (out.request_id.empty()) out.request_id = node.child_value(name);
  return out;
}

// "com.amazonaws.sqs#QueueDoesNotExist", "QueueDoesNotExist:http://internal.amazon.com/…"
std::string ShortCode(std::string_view type) {
  type = type.substr(0, type.find(':'));
  const size_t hash = type.rfind('#');
  return std::string(hash == std::string_view::npos ? type : type.substr(hash + 1));
}

AwsError FromJson(std::string_view body) {
  const auto value = json::Parse(body, "an error answer");
  if (!value || !value->is_object()) return {};
  json::Reader reader(*value, "an error answer");
  AwsError out;
  out.code = ShortCode(reader.StringOr("__type", reader.StringOr("code", "")));
  out.message = reader.StringOr("message", reader.StringOr("Message", ""));
  return out;
}

void AddHeaders(const http::Headers& headers, AwsError& error) {
  // What old clients of SQS knew as the code: "AWS.SimpleQueueService.NonExistentQueue;Sender".
  if (error.code.empty()) {
    const std::string_view query_error = headers.Get("x-amzn-query-error");
    error.code = query_error.substr(0, query_error.find(';'));
  }
  if (error.code.empty()) error.code = ShortCode(headers.Get("x-amzn-errortype"));
  for (const char* name : {"x-amz-request-id", "x-amzn-requestid"})
    if (error.request_id.empty()) error.request_id = headers.Get(name);
  if (error.region.empty()) error.region = headers.Get("x-amz-bucket-region");
}

// From somebody else: it must neither forge log lines nor fill them.
std::string Tame(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  if (text.size() > 500) text.resize(500);
  return text;
}

}  // namespace

AwsError ParseAwsErrorBody(std::string_view body) {
  const size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || body.size() > kMaxErrorBody) return {};
  AwsError error = body[first] == '<' ? FromXml(body) : body[first] == '{' ? FromJson(body) : AwsError{};
  error.code = Tame(std::move(error.code));
  error.message = Tame(std::move(error.message));
  error.request_id = Tame(std::move(error.request_id));
  error.region = Tame(std::move(error.region));
  return error;
}

AwsError ParseAwsError(const http::Response& response) {
  AwsError error = ParseAwsErrorBody(response.body);
  AddHeaders(response.headers, error);
  error.status = response.status;
  if (error.code.empty()) error.code = std::to_string(response.status);
  return error;
}

}  // namespace seshat::aws
