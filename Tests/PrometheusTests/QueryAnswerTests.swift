import Testing

@testable import Prometheus

@Suite struct QueryAnswerTests {
    @Test(arguments: [
        (#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"0.25"]}}"#, 0.25),
        (
            #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"7e-3"]}]}}"#,
            0.007
        ),
        (#"{"status":"success","data":{"resultType":"vector","result":[]}}"#, nil),
        (#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"NaN"]}}"#, nil),
        (#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"+Inf"]}}"#, nil),
    ])
    func `one number is read, and none where there is none`(answer: (String, Double?)) throws {
        #expect(try QueryAnswer.value(in: Array(answer.0.utf8), status: 200) == answer.1)
    }

    @Test(arguments: [
        (
            #"{"status":"error","errorType":"bad_data","error":"parse error at char 3"}"#, 400,
            PrometheusError.refused(status: 400, "parse error at char 3")
        ),
        ("<html>down</html>", 503, .refused(status: 503, "<html>down</html>")),
        (
            #"{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"1"]},{"value":[1,"2"]}]}}"#,
            200, .manySeries(2)
        ),
        (
            #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#, 200,
            .unreadable(#"data.resultType is "matrix", neither scalar nor vector"#)
        ),
        (
            #"{"status":"success","data":{"resultType":"scalar","result":[1,"one"]}}"#, 200,
            .unreadable(#""one" is no number"#)
        ),
    ])
    func `whatever else is answered is told in words`(
        answer: (String, Int, PrometheusError)
    ) {
        #expect(throws: answer.2) {
            try QueryAnswer.value(in: Array(answer.0.utf8), status: answer.1)
        }
    }

    @Test func `a query is sent as a form, whatever it holds`() {
        #expect(
            PrometheusClient.formEncoded(#"sum(rate(x{v="v7"}[1m])) + 1é"#)
                == "sum%28rate%28x%7Bv%3D%22v7%22%7D%5B1m%5D%29%29%20%2B%201%C3%A9")
    }
}
