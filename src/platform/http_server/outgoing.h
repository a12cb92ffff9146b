// An answer on its way to the client: its head, and its body as far as it is there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/http_server/field_rules.h"
#include "platform/http_server/response.h"

namespace seshat::http_server {

// What the head says beside what the handler wants.
struct HeadFacts {
  HttpVersion version = HttpVersion::k11;
  bool close = false;      // the connection ends behind this answer
  bool head_only = false;  // HEAD: the body is described, not sent
  std::string date;        // empty: unknown
};

class Outgoing {
 public:
  Outgoing() = default;
  // A response whose headers hold a line end, or whose status is no final one, is replaced by a 500.
  Outgoing(Response response, HeadFacts facts);

  // True where the end of the body can only be told by closing.
  bool closes() const { return facts_.close; }

  // What is to be sent now; may be empty while a body waits for more.
  std::string_view Pending() const { return std::string_view(out_).substr(sent_); }
  void Sent(size_t bytes);
  bool done() const { return ended_ && Pending().empty(); }

  // A pulled body of which nothing is left to send: fetch a piece, and give it to AddPiece.
  bool wants_piece() const { return pulled_ && !ended_ && Pending().empty(); }
  const std::function<Result<std::string>()>& next() const { return pulled_->next; }
  // False: the body cannot be completed, cut the connection.
  bool AddPiece(Result<std::string> piece);

  PushedBody* pushed() { return pushed_ && !ended_ ? &*pushed_ : nullptr; }
  void AddPushed(std::string_view text) { AddChunk(text); }
  void EndPushed() { EndBody(); }

 private:
  void WriteHead(const Response& response, std::optional<uint64_t> length, bool has_body);
  void AddChunk(std::string_view data);
  void EndBody();

  HeadFacts facts_;
  std::string out_;
  size_t sent_ = 0;
  bool ended_ = true;
  bool chunked_ = false;
  std::optional<PulledBody> pulled_;
  uint64_t pulled_bytes_ = 0;
  std::optional<PushedBody> pushed_;
};

}  // namespace seshat::http_server
